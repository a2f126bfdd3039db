import type { Message } from '../../core/message.ts';

/** What the sample task is asked. */
export const samplePrompt = 'What does this project do, and what is left to do in it? Name the files you base that on.';

/** What the scripted model says in one step. */
export interface Turn {
	reasoning: string;
	text: string;
	tools: { name: string; arguments: Record<string, unknown> }[];
	/** The first try of this step is turned away, as a busy provider does. */
	overloadedAtFirst?: boolean;
}

/**
 * The steps of the sample task, in order. They are written like a model's, with tools that really run, and are filled
 * in from what those tools returned, so that the task makes sense in any folder.
 */
export const sampleScript: ((seen: Seen) => Turn)[] = [
	() => ({
		reasoning: 'I know nothing about this project yet. A list of its files tells most for the least tokens.',
		text: "I'll start with an overview of the files.",
		tools: [{ name: 'list_files', arguments: { path: '.', recursive: true } }],
	}),
	({ files }) => {
		const first = [pick(files, /(^|\/)readme/i), pick(files, /(^|\/)package\.json$/)].filter((file) => file !== null);
		const read = first.length > 0 ? first : files.slice(0, 1);
		return {
			reasoning: '',
			text: `There are ${files.length} files. The ones that describe the project come first.`,
			tools:
				read.length > 0
					? read.map((path) => ({ name: 'read_file', arguments: { path } }))
					: [{ name: 'list_files', arguments: { path: '.' } }],
		};
	},
	() => ({
		reasoning: 'Open work is usually marked in the source itself. One search is cheaper than reading every file.',
		text: 'Next, what the authors marked as open.',
		tools: [{ name: 'search_files', arguments: { text: 'TODO' } }],
		overloadedAtFirst: true,
	}),
	({ files, hits }) => {
		const marked = [...new Set(hits.map(({ file }) => file))].filter((file) => isSource(file)).slice(0, 2);
		const read = marked.length > 0 ? marked : files.filter(isSource).slice(0, 2);
		return {
			reasoning: '',
			text: "I'll read the code around that, and the notes on contributing in case they list plans.",
			tools: [...read, 'CONTRIBUTING.md'].map((path) => ({ name: 'read_file', arguments: { path } })),
		};
	},
	({ files }) => {
		const test = pick(files, /\.(test|spec)\.\w+$/) ?? pick(files, /(^|\/)tests?\//);
		return {
			reasoning:
				'Whether the open item matters depends on what is tested. If the tests only cover the time and not the height, the gap is known and accepted rather than forgotten.',
			text: 'One more look, at what the tests promise.',
			tools: [
				test === null
					? { name: 'search_files', arguments: { text: 'assert' } }
					: { name: 'read_file', arguments: { path: test } },
			],
		};
	},
	(seen) => ({
		reasoning: '',
		text: 'I have what I need.',
		tools: [{ name: 'attempt_completion', arguments: { result: summary(seen) } }],
	}),
];

/** What the tools have told so far. */
export interface Seen {
	files: string[];
	hits: { file: string; line: string; text: string }[];
	/** First heading of a file that was read. */
	heading: string | null;
	/** First sentence below that heading. */
	about: string | null;
}

/** Reads the tool results out of the conversation, as a model would. */
export function lookBack(messages: readonly Message[]): Seen {
	const results = messages.flatMap(({ role, content }) =>
		role === 'tool' && typeof content === 'string' ? content : [],
	);
	const listing = results[0]?.split('\n') ?? [];
	const lines = results.flatMap((result) => result.split('\n'));
	const numbered = lines.map((line) => /^\d+ \| (.*)$/.exec(line)?.[1] ?? '');
	const headingAt = numbered.findIndex((line) => /^# /.test(line));
	return {
		files: listing.filter((name) => name !== '' && !name.endsWith('/') && !name.startsWith('(')),
		hits: lines.flatMap((line) => {
			const [, file, at, text] = /^([^:|]+):(\d+): (.*)$/.exec(line) ?? [];
			return file === undefined || at === undefined || text === undefined
				? []
				: [{ file, line: at, text: text.trim() }];
		}),
		heading: headingAt < 0 ? null : (numbered[headingAt]?.slice(2) ?? null),
		about: headingAt < 0 ? null : (numbered.slice(headingAt + 1).find((line) => line !== '') ?? null),
	};
}

function summary({ files, hits, heading, about }: Seen): string {
	const open = hits.filter(({ text }) => /TODO/i.test(text)).slice(0, 5);
	return [
		`## ${heading ?? 'This folder'}`,
		about ?? `It holds ${files.length} files and no description of itself.`,
		'### What is left',
		open.length === 0
			? 'Nothing is marked as open.'
			: open
					.map(({ file, line, text }) => `- \`${file}\`, line ${line}: ${text.replace(/^\W*TODO:?\s*/i, '')}`)
					.join('\n'),
		'### Files',
		files
			.slice(0, 12)
			.map((file) => `- \`${file}\``)
			.join('\n'),
	].join('\n\n');
}

function pick(files: readonly string[], pattern: RegExp): string | null {
	return files.find((file) => pattern.test(file)) ?? null;
}

function isSource(file: string): boolean {
	return /\.(c|cc|cpp|cs|go|java|js|jsx|kt|mjs|php|py|rb|rs|swift|ts|tsx)$/.test(file) && !/\.(test|spec)\./.test(file);
}
