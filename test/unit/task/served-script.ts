import type { ScriptedToolCall, TrueUsage, Turn } from '../../fixtures/providers/script.ts';

const none: TrueUsage = { uncachedInput: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };

/**
 * A task that meets every fault a provider is known for. OpenAI and Gemini bill no cache writes: `writes: false` leaves
 * them out. `overloaded`: the status by which the provider says that it is.
 */
export function faultyTask({ writes, overloaded = 529 }: { writes: boolean; overloaded?: number }): Turn[] {
	const usage = (counts: Partial<TrueUsage>): TrueUsage => ({
		...none,
		...counts,
		...(writes ? {} : { cacheWrite5m: 0, cacheWrite1h: 0 }),
	});
	const list = (id: string): ScriptedToolCall[] => [
		{ id, name: 'list_files', arguments: { path: '.', recursive: true } },
	];
	return [
		{
			text: "I'll list the files first.",
			tools: list('t1'),
			usage: usage({ uncachedInput: 812, cacheWrite5m: 1_500, cacheWrite1h: 4_000, output: 61 }),
		},
		{
			text: 'Before this is finished the line goes de…',
			tools: list('t2'),
			usage: usage({ uncachedInput: 40, cacheRead: 5_500, cacheWrite5m: 320, output: 210 }),
			fault: { kind: 'cut', afterEvents: 5 },
		},
		{
			reasoning: 'The readme tells most for the least.',
			text: 'Now the readme — grüße 👋.',
			tools: [{ id: 't3', name: 'read_file', arguments: { path: 'README.md' } }],
			usage: usage({ uncachedInput: 44, cacheRead: 5_820, cacheWrite1h: 77, output: 143, reasoning: 96 }),
		},
		{
			text: 'Two more.',
			tools: [
				{ id: 't4', name: 'read_file', arguments: { path: 'package.json' } },
				{ id: 't5', name: 'read_file', arguments: { path: 'no/such/file' } },
			],
			usage: usage({ uncachedInput: 9, cacheRead: 5_897, cacheWrite5m: 1_024, output: 88 }),
			fault: { kind: 'status', status: 429, times: 2 },
		},
		{
			text: 'The provider forgets to say what this cost.',
			tools: [{ id: 't6', name: 'search_files', arguments: { text: 'TODO' } }],
			usage: usage({ uncachedInput: 31, cacheRead: 6_921, output: 40 }),
			fault: { kind: 'noUsage' },
		},
		{
			text: 'Very long by now.',
			tools: list('t7'),
			usage: usage({
				uncachedInput: 12_345,
				cacheRead: 250_000,
				cacheWrite5m: 10_000,
				cacheWrite1h: 2_000,
				output: 3_000,
			}),
			fault: { kind: 'status', status: overloaded, times: 3 },
		},
		{
			text: 'Overload strikes in mid-stream.',
			tools: list('t8'),
			usage: usage({ uncachedInput: 5, cacheRead: 8_000, output: 33 }),
			fault: { kind: 'error', afterEvents: 4 },
		},
		{
			text: 'The stream just ends, before it is over.',
			tools: list('t9'),
			usage: usage({ uncachedInput: 6, cacheRead: 8_000, output: 34 }),
			fault: { kind: 'close', afterEvents: 4 },
		},
		{
			text: 'Done.',
			tools: [{ id: 't10', name: 'attempt_completion', arguments: { result: 'A library for **tides**.' } }],
			usage: usage({ uncachedInput: 3, cacheRead: 8_010, cacheWrite5m: 512, output: 55 }),
			fault: { kind: 'slow', delayMs: 2 },
		},
	];
}
