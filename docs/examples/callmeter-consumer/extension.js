// @ts-check
const { randomUUID } = require('node:crypto');
const vscode = require('vscode');

/** @typedef {import('../../callmeter-api').CallmeterApi} CallmeterApi */

/** Callmeter's API, or `null` where it is not installed: an agent must work without it. */
async function callmeter() {
	const extension = vscode.extensions.getExtension('callmeter.callmeter');
	return extension === undefined ? null : /** @type {CallmeterApi} */ (await extension.activate());
}

/**
 * A model's client as Kilo-style agents shape it. This one says the same thing each time and costs nothing; yours sends
 * the request to a provider and passes on the chunks of its stream.
 */
class ExampleHandler {
	getModel() {
		return { id: 'gpt-4o', provider: 'openai', protocol: 'openai' };
	}

	/**
	 * @param {string} _systemPrompt
	 * @param {{ role: string, content: string }[]} messages
	 */
	async *createMessage(_systemPrompt, messages) {
		yield { type: 'text', text: `You said: ${messages.at(-1)?.content}` };
		yield { type: 'usage', inputTokens: 1000, cacheReadTokens: 500, outputTokens: 100 };
		yield { type: 'finish', reason: 'stop' };
	}
}

/** One request, recorded as it happens: wrap the handler, then use it as before. */
async function runTask() {
	const api = await callmeter();
	const plain = new ExampleHandler();
	const handler =
		api?.wrapApiHandler(plain, { agentId: 'example-agent', taskId: randomUUID(), title: 'Example task' }) ?? plain;
	let answer = '';
	for await (const chunk of handler.createMessage('You are terse.', [{ role: 'user', content: 'Hello' }])) {
		if (chunk.type === 'text') answer += chunk.text;
	}
	return answer;
}

/** A call that was over before Callmeter could see it: hand in what was sent and what came back. */
async function recordCall() {
	const api = await callmeter();
	if (api === null) return;
	const identity = {
		callId: `example:${randomUUID()}`,
		sessionId: `example:${randomUUID()}`,
		agentId: 'example-agent',
		origin: { source: 'callmeter-consumer', live: true },
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
	};
	const now = Date.now();
	const receipts = await api.record([
		{ eventType: 'llm_call', ...identity, startedAtMs: now - 1200, messages: [{ role: 'user', content: 'Hello' }] },
		{
			eventType: 'llm_response',
			...identity,
			endedAtMs: now,
			state: 'ok',
			completion: 'Hello!',
			latencyMs: 1200,
			// `null` is for what is not known. Cache reads and writes are part of `inputTotal`.
			usage: {
				inputTotal: 1200,
				uncachedInput: 200,
				cacheRead: 1000,
				cacheWrite5m: 0,
				cacheWrite1h: 0,
				cacheWriteUnknownTtl: 0,
				output: 50,
				reasoning: null,
			},
		},
	]);
	return receipts.map(({ outcome }) => outcome);
}

/** What the calls of this workspace cost today, in USD. */
async function showCost() {
	const api = await callmeter();
	if (api === null) return;
	const fromMs = new Date().setHours(0, 0, 0, 0);
	const totals = await api.analytics.totals({ range: { fromMs, toMs: Date.now() + 1 } });
	const about = totals.unpriced > 0 ? '≥ ' : '';
	void vscode.window.showInformationMessage(
		`Today: ${about}$${(totals.costNanoUsd / 1e9).toFixed(4)} in ${totals.calls} calls`,
	);
	return totals.costNanoUsd / 1e9;
}

/** @param {vscode.ExtensionContext} context */
async function activate(context) {
	const item = vscode.window.createStatusBarItem('lastCall', vscode.StatusBarAlignment.Right);
	item.name = 'Last LLM Call';
	context.subscriptions.push(
		item,
		vscode.commands.registerCommand('callmeterConsumer.runTask', runTask),
		vscode.commands.registerCommand('callmeterConsumer.recordCall', recordCall),
		vscode.commands.registerCommand('callmeterConsumer.showCost', showCost),
	);
	const api = await callmeter();
	if (api === null) return;
	context.subscriptions.push(
		// Every agent's live calls, not only this extension's.
		api.onDidCompleteCall(({ agentId, model, state, cost }) => {
			const usd = cost?.nanoUsd == null ? 'unpriced' : `$${(cost.nanoUsd / 1e9).toFixed(4)}`;
			item.text = `${model} ${usd}`;
			item.tooltip = `${agentId}: ${state}`;
			item.show();
		}),
	);
}

module.exports = { activate };
