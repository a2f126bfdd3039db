import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ExportJson } from '../../../src/cli/export-command.ts';
import type { EventImportJson } from '../../../src/cli/import-events.ts';
import { callDraft, openStore, responseDraft, T0 } from '../ledger/support.ts';
import { CommandLine } from './command-line.ts';

describe('callmeter export', () => {
	let line: CommandLine;
	let server: Server | undefined;
	beforeEach(() => {
		line = new CommandLine();
		const store = openStore(join(line.folder, 'a.db'));
		store.record([
			callDraft('a', { messages: [{ role: 'user', content: 'a secret plan' }], title: 'The plan' }),
			responseDraft('a', { completion: 'agreed' }),
			callDraft('b', { sessionId: 'other', startedAtMs: T0 + 86_400_000, model: 'gpt-5', provider: 'openai' }),
			responseDraft('b', { sessionId: 'other', endedAtMs: T0 + 86_402_000, model: 'gpt-5', provider: 'openai' }),
		]);
		store.close();
	});
	afterEach(() => {
		server?.close();
		server = undefined;
		line.remove();
	});

	const at = (name: string) => join(line.folder, name);

	it('issue 6, export: what was exported is imported again, byte for byte the same', async () => {
		const written = await line.json<ExportJson>(['export', '--ledger', 'a.db', '--content', '--out', 'a.jsonl']);
		assert.deepEqual([written.records, written.content, written.file], [4, true, at('a.jsonl')]);
		assert.equal(statSync(at('a.jsonl')).mode & 0o077, 0);
		const taken = await line.json<EventImportJson>(['import', 'a.jsonl', '--ledger', 'b.db']);
		assert.deepEqual([taken.events, taken.sessions, taken.taken, taken.calls, taken.known], [4, 2, 4, 2, 0]);
		const again = await line.run(['export', '--ledger', 'b.db', '--content']);
		assert.equal(again.out, readFileSync(at('a.jsonl'), 'utf8'));
		assert.deepEqual((await line.json<EventImportJson>(['import', 'a.jsonl', '--ledger', 'b.db'])).known, 4);
		assert.equal((await line.run(['verify', '--ledger', 'b.db'])).code, 0);
	}).timeout(20_000);

	it('issue 6, export: standard output has the export and nothing else, without content unless asked', async () => {
		const { out, err, code } = await line.run(['export', '--ledger', 'a.db', '--format', 'csv']);
		assert.deepEqual([code, err, out.split('\r\n').length], [0, '', 4]);
		assert.doesNotMatch(out, /secret|agreed|The plan/);
		const jsonl = await line.run(['export', '--ledger', 'a.db']);
		assert.doesNotMatch(jsonl.out, /secret|agreed|The plan|salt/);
		for (const each of jsonl.out.trimEnd().split('\n')) assert.ok(JSON.parse(each));
	});

	it('takes the same choices of calls as llm does', async () => {
		const csv = async (...choice: string[]) =>
			(await line.run(['export', '--ledger', 'a.db', '--format', 'csv', ...choice])).out
				.split('\r\n')
				.slice(1, -1)
				.map((row) => row.split(',')[0]);
		assert.deepEqual(await csv('--model', 'gpt-5'), ['b']);
		assert.deepEqual(await csv('--to', '2026-03-04'), ['a']);
		assert.deepEqual(await csv('--session', 'other'), ['b']);
		assert.deepEqual(await csv('--workspace', '.'), []);
	}).timeout(20_000);

	it('issue 6, export: a report of a task comes as Markdown or HTML, with its title only when asked', async () => {
		const report = (...more: string[]) => line.run(['export', '--ledger', 'a.db', '--session', 'session-1', ...more]);
		assert.match((await report('--format', 'markdown')).out, /^# LLM usage of a task\n\nAgent/);
		assert.match((await report('--format', 'markdown', '--title')).out, /\*\*`The plan`\*\*/);
		const html = (await report('--format', 'html', '--content')).out;
		assert.match(html, /^<!doctype html>.*a secret plan.*agreed/s);
	}).timeout(20_000);

	it('says what does not fit together, and where there is nothing', async () => {
		for (const [args, code, said] of [
			[['--format', 'html'], 2, /--session/],
			[['--format', 'csv', '--endpoint', 'http://localhost:1'], 2, /--format otlp/],
			[['--format', 'otlp', '--endpoint', 'http://example.com'], 2, /https/],
			[['--json'], 2, /--out FILE/],
			[['--session', 'nowhere'], 1, /There is no task "nowhere"/],
			[['--out', 'no/such/folder/x.jsonl'], 1, /cannot be written \(ENOENT\)/],
			[['--format', 'xml'], 2, /jsonl, csv, otlp, markdown, html/],
		] as const) {
			const ran = await line.run(['export', '--ledger', 'a.db', ...args]);
			assert.deepEqual([ran.code, said.test(ran.err)], [code, true], ran.err);
		}
		const missing = await line.run(['import', 'nothing.jsonl', '--ledger', 'b.db']);
		assert.deepEqual([missing.code, existsSync(at('b.db'))], [2, false]);
	}).timeout(20_000);

	it('issue 6, export: a file that was changed is refused with the line, and the ledger stays as it was', async () => {
		const { out } = await line.run(['export', '--ledger', 'a.db']);
		writeFileSync(at('bad.jsonl'), out.replace('"output":20', '"output":21'));
		const ran = await line.run(['import', 'bad.jsonl', '--ledger', 'b.db']);
		assert.equal(ran.code, 1);
		assert.match(ran.err, /^bad\.jsonl: Line 2: the event does not match its hash/);
		assert.equal((await line.json<{ calls: number }>(['llm', 'stats', '--ledger', 'b.db'])).calls, 0);
	}).timeout(20_000);

	it('replaces no ledger by an export, whoever named it by mistake', async () => {
		const before = readFileSync(join(line.folder, 'a.db'));
		const ran = await line.run(['export', '--ledger', 'a.db', '--format', 'csv', '--out', 'a.db']);
		assert.deepEqual([ran.code, /is a database.*Name another file with --out/.test(ran.err)], [1, true]);
		assert.ok(readFileSync(join(line.folder, 'a.db')).equals(before));
		assert.ok(!readdirSync(line.folder).some((name) => name.endsWith('.part')));
		assert.equal((await line.run(['export', '--ledger', 'a.db', '--format', 'csv', '--out', 'b.csv'])).code, 0);
		assert.equal((await line.run(['export', '--ledger', 'a.db', '--format', 'csv', '--out', 'b.csv'])).code, 0);
	});

	it('leaves no half of a file behind when it is interrupted', async () => {
		const stop = new AbortController();
		stop.abort();
		const ran = await line.run(['export', '--ledger', 'a.db', '--out', 'a.csv', '--format', 'csv'], {
			signal: stop.signal,
		});
		assert.deepEqual([ran.code, readdirSync(line.folder).filter((name) => name.includes('csv'))], [130, []]);
	});

	it('issue 6, export: nothing is sent before someone has agreed to what leaves the machine', async () => {
		const bodies: { authorization: string | undefined; length: number }[] = [];
		server = createServer((request, response) => {
			bodies.push({ authorization: request.headers.authorization, length: Number(request.headers['content-length']) });
			request.resume().on('end', () => response.end('{}'));
		}).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const send = ['export', '--ledger', 'a.db', '--format', 'otlp', '--endpoint', endpoint, '--headers-env', 'KEYS'];
		const env = { KEYS: 'authorization=Bearer%20key' };
		const unasked = await line.run(send, { env });
		assert.equal(unasked.code, 2);
		assert.match(
			unasked.err,
			/This sends 2 calls to http:\/\/127.*\/v1\/traces, without prompts and completions.*needs --yes/s,
		);
		const refused = await line.run(send, { env, ask: async () => 'no' });
		assert.deepEqual([refused.code, bodies.length], [1, 0]);
		const sent = await line.run([...send, '--yes'], { env });
		assert.equal(sent.code, 0, sent.err);
		assert.match(sent.err, /2 calls sent to/);
		assert.deepEqual(
			bodies.map(({ authorization }) => authorization),
			['Bearer key'],
		);
		assert.doesNotMatch(sent.err + sent.out, /Bearer/);
	}).timeout(20_000);
});
