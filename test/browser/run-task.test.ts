import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallDetail } from '../../src/core/views.ts';
import { type FakeProvider, type ProtocolName, startFakeProvider } from '../fixtures/providers/fake-provider.ts';
import type { Turn } from '../fixtures/providers/script.ts';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';
import { ledgerFiles, recordedCalls } from '../harness/recorded-calls.ts';
import { root } from '../run/setup.mjs';
import { table } from '../run/table.ts';
import { type Truth, truthOf } from '../unit/task/served-truth.ts';

const prompt = 'What does this project do?';
/** As the client libraries have it by default. */
const maxRetries = 2;
const runs = [
	{
		protocol: 'anthropic',
		label: 'Anthropic',
		setting: 'anthropic',
		model: 'claude-opus-4-6',
		key: 'sk-ant-test-secret',
	},
	{
		protocol: 'openai-chat',
		label: 'OpenAI or compatible',
		setting: 'openai',
		model: 'gpt-5.4',
		key: 'sk-test-secret',
	},
	{
		protocol: 'gemini',
		label: 'Google Gemini',
		setting: 'gemini',
		model: 'gemini-2.5-pro',
		key: 'AIza-test-secret',
	},
] as const satisfies { protocol: ProtocolName; [name: string]: string }[];

/** What the models cost at their makers', in USD a million tokens: a service on this machine has no list price. */
const prices = {
	'claude-opus-4-6': { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25, cacheWrite1h: 10 },
	'gpt-5.4': { input: 2.5, output: 15, cacheRead: 0.25 },
	'gemini-2.5-pro': { input: 1.25, output: 10, cacheRead: 0.125 },
};

/** A short task that still has what matters: cache reads and writes, a 429, a tool that reads. A second one is refused. */
function turns(writes: boolean): Turn[] {
	const cacheWrite = (tokens: number) => (writes ? tokens : 0);
	return [
		{
			text: 'First the files.',
			tools: [{ id: 't1', name: 'list_files', arguments: { path: '.' } }],
			usage: {
				uncachedInput: 812,
				cacheRead: 0,
				cacheWrite5m: cacheWrite(1500),
				cacheWrite1h: cacheWrite(4000),
				output: 61,
				reasoning: 0,
			},
		},
		{
			reasoning: 'The readme tells most.',
			text: 'Now the readme.',
			tools: [{ id: 't2', name: 'read_file', arguments: { path: 'README.md' } }],
			usage: { uncachedInput: 44, cacheRead: 5500, cacheWrite5m: 0, cacheWrite1h: 0, output: 143, reasoning: 96 },
			fault: { kind: 'status', status: 429, times: 1 },
		},
		{
			tools: [{ id: 't3', name: 'attempt_completion', arguments: { result: 'It computes tides.' } }],
			usage: {
				uncachedInput: 9,
				cacheRead: 5897,
				cacheWrite5m: cacheWrite(77),
				cacheWrite1h: 0,
				output: 55,
				reasoning: 0,
			},
		},
		{
			usage: { uncachedInput: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1, reasoning: 0 },
			fault: { kind: 'status', status: 401, times: 9 },
		},
	];
}

describe('running a task against a provider from the command palette', () => {
	const providers = new Map<string, FakeProvider>();
	let vscode: VsCode;
	let calls: CallDetail[] = [];

	before(async () => {
		const settings: Record<string, unknown> = { 'callmeter.prices': prices };
		for (const { protocol, setting, model } of runs) {
			const provider = await startFakeProvider(protocol, model, turns(protocol === 'anthropic'));
			providers.set(protocol, provider);
			settings[`callmeter.task.${setting}.baseUrl`] = provider.baseUrl;
			settings[`callmeter.task.${setting}.model`] = model;
		}
		vscode = await openVsCode({
			machineSettings: settings,
			alongside: [join(root, 'test/fixtures/extensions/lm-stand-in')],
		});
	});

	after(async () => {
		await vscode?.close();
		for (const provider of providers.values()) await provider.close();
	});

	/** A key belongs to an address, so the questions name it. */
	const nameOf = (label: string, protocol: ProtocolName): string =>
		`${label} at ${new URL(providers.get(protocol)?.baseUrl ?? '').origin}`;

	it('keeps a key that is set by command, in secret storage', async () => {
		const title = nameOf('Anthropic', 'anthropic');
		await vscode.runCommand('LLM Usage: Set API Key');
		await vscode.pick('Which provider?', 'Anthropic');
		await vscode.answer(`API key for ${title}`, runs[0].key);
		await vscode.notification(`The API key for ${title} is in VS Code's secret storage`);
	});

	for (const { protocol, label, key, model } of runs) {
		it(`${label}: asks only for what it does not know, runs to the end and shows the calls`, async () => {
			await vscode.runCommand('LLM Usage: Run Task');
			await vscode.pick('Which provider?', label);
			if (protocol !== 'anthropic') await vscode.answer(`API key for ${nameOf(label, protocol)}`, key);
			await vscode.answer('What should the task do?', prompt);
			await vscode.panel().getByRole('treegrid').waitFor();
			await until(() => (providers.get(protocol)?.served.length ?? 0) === 4, 'four requests');
			await until(async () => {
				const [file] = ledgerFiles(vscode.serverData);
				calls = file === undefined ? [] : await recordedCalls(file);
				const own = calls.filter(({ row }) => row.model === model);
				return own.length === 3 && own.every(({ row }) => row.state !== 'pending');
			}, 'three recorded calls');
			assert.ok(providers.get(protocol)?.served.every(({ apiKey }) => apiKey === key));
		});
	}

	it('records exactly what was served: a table of both', () => {
		const rows: string[][] = [];
		for (const { protocol, model } of runs) {
			const truths = truthOf(providers.get(protocol)?.served ?? [], protocol, model, maxRetries);
			const recorded = calls.filter(({ row }) => row.model === model);
			assert.deepEqual([truths.length, recorded.length], [3, 3]);
			for (const [index, truth] of truths.entries()) {
				const call = recorded[index];
				assert.ok(call);
				rows.push(['served', protocol, truth.what, ...servedFigures(truth)]);
				rows.push(['recorded', call.row.provider, call.row.model, ...recordedFigures(call)]);
				assert.deepEqual(recordedFigures(call), servedFigures(truth), `${protocol}, call ${index + 1}`);
			}
		}
		mkdirSync(join(root, 'out'), { recursive: true });
		const header = ['', 'API', 'what', 'state', 'input', 'cache read', '5 min', '1 h', 'output', 'cost USD'];
		writeFileSync(join(root, 'out/served-vs-recorded-extension.txt'), `${table(header, rows)}\n`);
	});

	it('records what the user asked, and no key', () => {
		for (const { messages } of calls) assert.ok(JSON.stringify(messages).includes(prompt));
		for (const { key } of runs) assert.equal(JSON.stringify(calls).includes(key), false);
	});

	it("runs on a language model of VS Code's without a key, and records what that tells: no usage", async () => {
		await vscode.runCommand('LLM Usage: Run Task');
		await vscode.pick('Which provider?', "VS Code's language models");
		await vscode.pick('Which language model?', 'Stand-in finishing');
		await vscode.answer('What should the task do?', prompt);
		const [file] = ledgerFiles(vscode.serverData);
		assert.ok(file);
		let own: CallDetail | undefined;
		await until(async () => {
			own = (await recordedCalls(file)).find(({ row }) => row.provider === 'stand-in');
			return own !== undefined && own.row.state !== 'pending';
		}, 'a recorded call');
		assert.deepEqual(
			[own?.row.state, own?.row.model, own?.row.agentId, own?.row.usageMissing, own?.usage],
			['ok', 'finishing', 'callmeter', true, null],
		);
		assert.equal(own?.row.cost?.nanoUsd ?? null, null);
	});

	it('says why a task failed, and offers to set the key when that is the reason', async () => {
		await vscode.runCommand('LLM Usage: Run Task');
		await vscode.pick('Which provider?', 'Anthropic');
		await vscode.answer('What should the task do?', prompt);
		const message = await vscode.notification(/The task failed: .*Turned away with 401/);
		await message.getByRole('button', { name: 'Set API Key…' }).click();
		const title = nameOf('Anthropic', 'anthropic');
		await vscode.answer(`API key for ${title}`, '');
		await vscode.notification(`The API key for ${title} was removed`);
	});
});

function servedFigures({ state, usage, costUsd }: Truth): string[] {
	return [state, ...counts(usage), (costUsd ?? Number.NaN).toFixed(9)];
}

function recordedFigures({ row, usage, cost }: CallDetail): string[] {
	return [row.state, ...counts(usage), ((cost?.shownNanoUsd ?? Number.NaN) / 1e9).toFixed(9)];
}

function counts(usage: CallDetail['usage']): string[] {
	const { uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h, output } = usage ?? {};
	return [uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h, output].map((count) => String(count ?? '?'));
}

/** Looks often until it is so. */
async function until(isSo: () => boolean | Promise<boolean>, what: string, limitMs = 30_000): Promise<void> {
	const giveUpAt = performance.now() + limitMs;
	while (!(await isSo())) {
		if (performance.now() > giveUpAt) throw new Error(`Waited in vain for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
