import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { GeminiCliSource } from '../../../../src/sources/gemini-cli/gemini-cli-source.ts';
import { Collected, collect, placesAt, recordedFile, remove, temporaryFolder, unitsOf } from '../folded/reading.ts';
import { ChatBuilder } from './chat-builder.ts';

const recorded = 'home/.gemini/tmp/project/chats/session-2026-11-21T23-46-614b1036.jsonl';

function busy(): ChatBuilder {
	const builder = new ChatBuilder().head();
	const tool = { name: 'read_file', args: { path: '/home/dev/project/«é».md' }, output: 'Ä' };
	builder.user('First.').answer({ tool, thought: 'Hm.' }).answer({ text: 'Ö.' });
	const [first, second] = [...builder.messages.values()];
	builder
		.record({ $set: { messages: [first, second] } })
		.user('Second.')
		.answer({ tokens: null });
	const last = [...builder.messages.keys()].at(-2);
	return builder.record({ $rewindTo: last }).user('Third.').answer({ tool }).answer();
}

const chats: Record<string, () => string> = {
	'that was recorded': () => readFileSync(recordedFile('gemini-0.61.0', recorded), 'utf8'),
	'with everything in it': () => busy().text(),
};

describe('however chats of Gemini CLI are read', () => {
	let home: string;
	beforeEach(() => {
		home = temporaryFolder();
	});
	afterEach(() => remove(home));

	async function inOneGo(): Promise<unknown[]> {
		return (await collect(new GeminiCliSource(), placesAt(home))).rows();
	}

	async function readNow(source: GeminiCliSource, collected: Collected, cursor: string | null): Promise<string | null> {
		const [unit] = await unitsOf(source, placesAt(home));
		return unit === undefined ? cursor : collected.read(source, unit, { cursor });
	}

	for (const [name, text] of Object.entries(chats)) {
		describe(`a chat ${name}`, () => {
			let path: string;
			beforeEach(() => {
				path = new ChatBuilder().path(home);
				mkdirSync(dirname(path), { recursive: true });
			});

			it('tells the same when a read is split at any byte', async () => {
				const bytes = Buffer.from(text());
				writeFileSync(path, bytes);
				const expected = tokensAndTimes(await inOneGo());
				for (let at = 1; at < bytes.length; at += at % 900 < 90 ? 1 : 37) {
					writeFileSync(path, bytes.subarray(0, at));
					const collected = new Collected();
					const cursor = await readNow(new GeminiCliSource(), collected, null);
					appendFileSync(path, bytes.subarray(at));
					await readNow(new GeminiCliSource(), collected, cursor);
					assert.deepEqual(tokensAndTimes(collected.rows()), expected, `split at byte ${at}`);
				}
			}).timeout(60_000);

			it('tells the same when it is followed line by line, and when the reader is started anew each time', async () => {
				const following = new GeminiCliSource();
				const readers = [
					{ source: () => following, collected: new Collected(), cursor: null as string | null },
					{ source: () => new GeminiCliSource(), collected: new Collected(), cursor: null as string | null },
				];
				for (const line of text().trimEnd().split('\n')) {
					appendFileSync(path, `${line}\n`);
					for (const reader of readers) {
						reader.cursor = await readNow(reader.source(), reader.collected, reader.cursor);
					}
				}
				const expected = tokensAndTimes(await inOneGo());
				for (const { collected } of readers) assert.deepEqual(tokensAndTimes(collected.rows()), expected);
			});
		});
	}

	it('tells the same of an object that is written anew with each message', async () => {
		const source = new GeminiCliSource();
		const collected = new Collected();
		const builder = new ChatBuilder().head();
		let cursor: string | null = null;
		const steps = [
			() => builder.user('First.'),
			() => builder.answer({ tool: { name: 'ls', args: {}, output: 'a' } }),
			() => builder.answer(),
			() => builder.user('Second.').answer({ tokens: null }),
		];
		for (const step of steps) {
			step();
			builder.write(home, { form: 'json' });
			cursor = await readNow(source, collected, cursor);
		}
		assert.deepEqual(collected.rows(), await inOneGo());
	});
});

/** What totals are made of; a folder may be found only when the chat has named a file in it. */
function tokensAndTimes(rows: unknown[]): unknown[] {
	return rows.map((row) => ({ ...(row as object), folder: null }));
}
