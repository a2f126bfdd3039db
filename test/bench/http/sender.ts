import { Agent, request } from 'node:http';
import type { EventInput } from '../../../src/core/outside/event-input.ts';
import { eventsOfLoggedCall, loggedCallSchema } from '../../../src/core/outside/logged-call.ts';
import { prose } from '../ledger/large-ledger.ts';

/**
 * Sends calls to a server as agents do, from a process of its own: `argv` is the port, the token, the number of bodies,
 * the events in each, and how many are under way at once. Says that it is ready, sends at the first message, and tells
 * what came of it.
 */
const [port = '', token = '', bodies = '', eventsEach = '', atOnce = ''] = process.argv.slice(2);

/** What the sender tells. */
export interface Sent {
	ms: number;
	statuses: Record<number, number>;
}

function pair(n: number): EventInput[] {
	const call = loggedCallSchema.parse({
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
		systemPrompt: 'You are a careful engineer.',
		messages: [{ role: 'user', content: prose(500) }],
		completion: prose(300),
		finishReason: 'stop',
		usage: { inputTokens: 900 + (n % 100), outputTokens: 120, totalTokens: 1_020 + (n % 100), cacheReadTokens: 600 },
		costUsd: null,
		latencyMs: 1_200 + (n % 300),
	});
	const callId = `${process.pid}-${bodies}-${n}`;
	return eventsOfLoggedCall(call, { callId, sessionId: `session-${n % 40}`, nowMs: Date.now(), agentId: 'bench' });
}

let next = 0;
const waiting = Array.from({ length: Number(bodies) }, () => {
	const events = Array.from({ length: Number(eventsEach) / 2 }, () => pair(next++)).flat();
	return Buffer.from(JSON.stringify({ events }));
});
const agent = new Agent({ keepAlive: true });
const statuses: Record<number, number> = {};

function post(body: Buffer): Promise<void> {
	return new Promise((resolve, reject) => {
		const headers = {
			authorization: `Bearer ${token}`,
			'content-type': 'application/json',
			'content-length': body.length,
		};
		const outgoing = request({ port, host: '127.0.0.1', method: 'POST', path: '/api/events', headers, agent });
		outgoing.on('error', reject).on('response', (response) => {
			const status = response.statusCode ?? 0;
			statuses[status] = (statuses[status] ?? 0) + 1;
			response.resume().on('end', resolve);
		});
		outgoing.end(body);
	});
}

process.once('message', async () => {
	const startMs = performance.now();
	const one = async (): Promise<void> => {
		for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) await post(body);
	};
	await Promise.all(Array.from({ length: Number(atOnce) }, one));
	const sent: Sent = { ms: performance.now() - startMs, statuses };
	agent.destroy();
	process.send?.(sent, () => process.disconnect());
});
process.send?.('ready');
