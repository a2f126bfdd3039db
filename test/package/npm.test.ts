import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureOldestNode, root } from '../run/setup.mjs';
import { RecordingServer, taking } from '../unit/sdk/recording-server.ts';

const run = promisify(execFile);

const use = `
const callmeter = new CallmeterClient({ agentId: 'consumer' });
const request = { model: 'claude-sonnet-4-5', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };
const usage = { input_tokens: 3, output_tokens: 2, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
const message = { type: 'message', id: 'msg', model: request.model, content: [], stop_reason: 'end_turn', usage };
async function* stream(...chunks) { yield* chunks; }
async function read(chunks) { for await (const _ of chunks); }
async function main() {
	const { callId } = await callmeter.logLlmCall('task', { ...fromAnthropic(request, message), latencyMs: 5 });
	const chat = callmeter.startLlmCall('task', fromOpenAiChat(request));
	await read(chat.watch(stream({ choices: [{ delta: { content: 'a' }, finish_reason: 'stop' }] })));
	const responses = callmeter.startLlmCall('task', fromOpenAiResponse({ model: 'm', input: 'a' }));
	await responses.watch(Promise.resolve({ object: 'response', status: 'completed', output: [] }));
	await callmeter.startLlmCall('task', fromGemini({ model: 'm', contents: 'a' })).fail(new Error('no'));
	const chunks = [{ type: 'text', text: 'a' }, { type: 'usage', inputTokens: 1, outputTokens: 1 }];
	await read(callmeter.wrapApiHandler({ createMessage: () => stream(...chunks) }).createMessage('', []));
	await callmeter.close();
	console.log(JSON.stringify({ callId, status: callmeter.status() }));
}
main();
`;
const programs = {
	'program.mjs': `import { CallmeterClient, fromAnthropic, fromGemini, fromOpenAiChat, fromOpenAiResponse } from 'callmeter/sdk';\n${use}`,
	'program.cjs': `const { CallmeterClient, fromAnthropic, fromGemini, fromOpenAiChat, fromOpenAiResponse } = require('callmeter/sdk');\n${use}`,
};

/** A program that compiles only if the types say what the page says. */
const typed = (imported: string) => `${imported}
const callmeter = new CallmeterClient({ url: 'http://127.0.0.1:1', token: 't', queue: { maxEvents: 10 }, onProblem: (problem) => problem.reason satisfies string });
export async function report(): Promise<string> {
	const { callId } = await callmeter.logLlmCall('task', {
		provider: 'openai', model: 'gpt-4o', messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
		completion: null, toolCalls: [{ id: 'a', name: 'b', arguments: { c: 1 } }], finishReason: 'tool_use',
		usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 }, costUsd: null, latencyMs: 1, redact: true,
	});
	// @ts-expect-error: latencyMs is needed
	await callmeter.logLlmCall('task', { provider: 'p', model: 'm', messages: [], completion: null, finishReason: 'stop', usage: null });
	// @ts-expect-error: no such role
	callmeter.startLlmCall('task', { provider: 'p', model: 'm', messages: [{ role: 'robot', content: '' }] });
	const call = callmeter.startLlmCall('task', fromOpenAiChat({ model: 'gpt-4o', messages: [] }));
	const events: AsyncIterable<{ delta: string }> = (async function* () { yield { delta: 'a' }; })();
	for await (const event of call.watch(events)) event.delta satisfies string;
	for await (const event of await call.watch(Promise.resolve(events))) event.delta satisfies string;
	const whole: { choices: number[] } = await call.watch(Promise.resolve({ choices: [1] }));
	const { summary, byTime }: LlmAnalyticsResult = await callmeter.getLlmAnalytics({ granularity: 'day' });
	const cost: number | null = summary.totalCostUsd;
	const handler = callmeter.wrapApiHandler({ createMessage: (_: string) => events }, { sessionId: 'task' });
	handler.createMessage('system');
	const reason: CallmeterErrorReason = new CallmeterError('closed', '').reason;
	return [callId, whole.choices.length, cost, byTime.length, reason, callmeter.status().waiting.events].join();
}
`;
const names = 'CallmeterClient, CallmeterError, fromOpenAiChat, type CallmeterErrorReason, type LlmAnalyticsResult';

describe('the npm package', () => {
	let folder: string;
	let packed: string[];
	const server = new RecordingServer((asked, response) => taking('any')(asked, response));

	before(async function () {
		this.timeout(120_000);
		if (!existsSync(join(root, 'dist/sdk/callmeter-sdk.d.mts')))
			throw new Error('There is nothing to pack: npm run build');
		folder = mkdtempSync(join(tmpdir(), 'callmeter-npm-'));
		const { stdout } = await npm(['pack', '--json', '--pack-destination', folder], root);
		const [{ filename, files }] = JSON.parse(stdout);
		packed = files.map(({ path }: { path: string }) => path);
		writeFileSync(join(folder, 'package.json'), '{ "private": true }');
		await npm(['install', '--offline', '--no-audit', '--no-fund', join(folder, filename)], folder);
		for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, name), text);
		await server.start();
	});
	after(async () => {
		await server.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	it('holds the SDK and the command line, and nothing of the panel, the sources or the tests', () => {
		for (const needed of [
			'sdk/callmeter-sdk.mjs',
			'sdk/callmeter-sdk.cjs',
			'callmeter.cjs',
			'cli.cjs',
			'ledger-worker.cjs',
		]) {
			assert.ok(packed.includes(`dist/${needed}`), `${needed} is missing`);
		}
		assert.ok(packed.includes('LICENSE') && packed.includes('dist/third-party-notices.txt'));
		const unexpected = packed.filter(
			(path) =>
				!/^(package\.json|README\.md|LICENSE|dist\/.+)$/.test(path) || /\.map$|^dist\/(webview|extension)/.test(path),
		);
		assert.deepEqual(unexpected, []);
	});

	it('installs without a network and brings no other package', () => {
		const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
		assert.deepEqual(installed, ['callmeter']);
	});

	for (const [which, node] of [
		['the oldest Node', ensureOldestNode],
		['this Node', async () => process.execPath],
	] as const) {
		for (const program of Object.keys(programs)) {
			it(`story 3.2: its SDK reports calls on ${which}, from ${program}`, async () => {
				const before = server.posts.length;
				const env = { CALLMETER_URL: `http://127.0.0.1:${server.port}`, CALLMETER_TOKEN: 'token', HOME: folder };
				const { stdout, stderr } = await run(await node(), [join(folder, program)], { cwd: folder, env });
				const { callId, status } = JSON.parse(stdout);
				assert.deepEqual([stderr, status.delivered, status.lastProblem], ['', 10, null]);
				const [post] = server.posts.slice(before);
				assert.equal(post?.authorization, 'Bearer token');
				const types = JSON.parse(post?.body ?? '{}').events.map(
					(event: { eventType: string; payload: { callId: string } }) => [event.eventType, event.payload.callId],
				);
				assert.deepEqual(types, [
					['llm_call', callId],
					['llm_response', callId],
				]);
			});
		}
	}

	for (const [name, imported, options] of [
		['by import', `import { ${names} } from 'callmeter/sdk';`, { file: 'typed.mts', module: 'nodenext' }],
		['by require', `import { ${names} } from 'callmeter/sdk';`, { file: 'typed.cts', module: 'nodenext' }],
		['through a bundler', `import { ${names} } from 'callmeter/sdk';`, { file: 'typed.ts', module: 'preserve' }],
	] as const) {
		it(`story 3.2: TypeScript types are correct in a strict project without any other types, ${name}`, async function () {
			this.timeout(30_000);
			writeFileSync(join(folder, options.file), typed(imported));
			const strict = [
				'--strict',
				'--exactOptionalPropertyTypes',
				'--noUncheckedIndexedAccess',
				'--skipLibCheck',
				'false',
			];
			const bare = ['--noEmit', '--target', 'es2022', '--lib', 'es2022', '--module', options.module];
			const tsc = join(root, 'node_modules/typescript/bin/tsc');
			const { stdout } = await run(process.execPath, [tsc, ...bare, ...strict, options.file], { cwd: folder }).catch(
				(error: { stdout: string }) => error,
			);
			assert.equal(stdout, '');
		});
	}
});

function npm(args: string[], cwd: string): Promise<{ stdout: string }> {
	const program = process.platform === 'win32' ? 'npm.cmd' : 'npm';
	return run(program, [...args, '--ignore-scripts'], { cwd, shell: process.platform === 'win32', maxBuffer: 64 << 20 });
}
