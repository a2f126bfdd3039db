import type { SourcesView, SourceView } from '../../../src/protocol/sources.ts';

const dayMs = 86_400_000;

/** Agents in every condition that the Sources section knows. */
export function sampleSources(nowMs: number): SourcesView {
	const nothing: Omit<SourceView, 'id' | 'title'> = {
		state: 'notFound',
		live: 'absent',
		places: [],
		sinceMs: null,
		lastSeenMs: null,
		unitsDone: 0,
		unitsTotal: 0,
		calls: 0,
		skipped: {},
		problem: null,
	};
	const storage = '/home/dev/.config/Code/User/globalStorage';
	return {
		sources: [
			{
				...nothing,
				id: 'kilo-db',
				title: 'Kilo Code 7 and the kilo CLI',
				state: 'reading',
				live: 'none',
				places: ['/home/dev/.local/share/kilo/kilo.db'],
				sinceMs: nowMs - 40 * dayMs,
				lastSeenMs: nowMs - 90_000,
				unitsTotal: 1,
				calls: 1_204,
			},
			{
				...nothing,
				id: 'roo-code',
				title: 'Roo Code',
				state: 'following',
				live: 'attached',
				places: [`${storage}/rooveterinaryinc.roo-cline/tasks`],
				sinceMs: nowMs - 60 * dayMs,
				lastSeenMs: nowMs - 5_000,
				unitsDone: 214,
				unitsTotal: 214,
				calls: 3_120,
				skipped: { otherWorkspace: 180, tooOld: 12, malformed: 1 },
			},
			{
				...nothing,
				id: 'kilo-code',
				title: 'Kilo Code',
				state: 'off',
				live: 'none',
			},
			{
				...nothing,
				id: 'cline',
				title: 'Cline',
				state: 'failed',
				live: 'none',
				places: [`${storage}/saoudrizwan.claude-dev/tasks`],
				problem: 'EACCES',
			},
			{
				...nothing,
				id: 'claude-code',
				title: 'Claude Code',
				state: 'following',
				live: 'none',
				places: ['/home/dev/.claude/projects'],
				sinceMs: nowMs - 29 * dayMs,
				lastSeenMs: nowMs - 40_000,
				unitsDone: 88,
				unitsTotal: 88,
				calls: 2_310,
				skipped: { inherited: 41 },
			},
			{ ...nothing, id: 'zoo-code', title: 'Zoo Code' },
			{ ...nothing, id: 'opencode', title: 'opencode', live: 'none' },
		],
		scope: 'thisWorkspace',
		hasFolder: true,
		metadataDays: 90,
		contentDays: 30,
		progress: null,
		held: false,
		failed: false,
	};
}
