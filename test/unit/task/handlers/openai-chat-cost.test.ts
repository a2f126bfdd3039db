import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { loadHandler } from '../../../../src/task/handlers/load.ts';

/** The cost in the usage chunks of a stream whose last event has this `usage`. */
async function costOf(usage: Record<string, unknown>): Promise<number | undefined> {
	const base = { id: 'gen-1', object: 'chat.completion.chunk', model: 'm' };
	const events = [
		{ ...base, choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }] },
		{ ...base, choices: [], usage: { prompt_tokens: 10, completion_tokens: 2, ...usage } },
	];
	const server = createServer((request, response) => {
		request.resume();
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		response.end(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	try {
		const address = server.address();
		assert.ok(address !== null && typeof address === 'object');
		const baseUrl = `http://127.0.0.1:${address.port}/v1`;
		const handler = await loadHandler({ kind: 'openai', apiKey: 'key', model: 'm', baseUrl, api: 'chat' });
		let cost: number | undefined;
		for await (const chunk of handler.createMessage('', [{ role: 'user', content: 'x' }])) {
			if (chunk.type === 'usage') cost = chunk.totalCost ?? cost;
		}
		return cost;
	} finally {
		server.closeAllConnections();
		server.close();
	}
}

describe('the cost that an OpenAI-compatible service reports', () => {
	const cost_details = { upstream_inference_cost: 0.02 };

	it('is the whole cost of the request', async () => {
		assert.equal(await costOf({ cost: 0.02, is_byok: false, cost_details }), 0.02);
	});

	it("is OpenRouter's fee and the upstream's cost with the user's own key there", async () => {
		assert.equal(await costOf({ cost: 0.001, is_byok: true, cost_details }), 0.021);
	});

	it('is left out when it is no amount', async () => {
		assert.equal(await costOf({ cost: -1 }), undefined);
		assert.equal(await costOf({}), undefined);
	});
});
