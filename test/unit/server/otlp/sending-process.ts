import { chat, T0, traces } from './payloads.ts';

/**
 * A sender of its own process, as agents are. Makes `argv[3]` bodies of some 8 MB, says that it is ready, sends them one
 * after the other to the endpoint `argv[2]` at the first message, and tells the statuses of the answers.
 */
const [endpoint = '', count = '0'] = process.argv.slice(2);
const text = 'All the words of a long conversation. '.repeat(20_000);

function body(batch: number): string {
	const spans = Array.from({ length: 10 }, (_, index) => {
		const startMs = T0 + batch * 100_000 + index * 5_000;
		const parts = [{ type: 'text', content: `${batch} ${index} ${text}` }];
		return chat({
			spanId: `EEE19B7EC3C1${String(batch).padStart(2, '0')}${String(index).padStart(2, '0')}`,
			startMs,
			endMs: startMs + 900,
			values: {
				'gen_ai.response.id': `response-0123456789-${batch}-${index}`,
				'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts }]),
			},
		});
	});
	return JSON.stringify(traces(...spans));
}

const bodies = Array.from({ length: Number(count) }, (_, batch) => Buffer.from(body(batch)));
process.once('message', async () => {
	const statuses: number[] = [];
	for (const each of bodies) {
		const headers = { 'content-type': 'application/json' };
		statuses.push((await fetch(`${endpoint}/v1/traces`, { method: 'POST', headers, body: each })).status);
	}
	process.send?.(statuses, () => process.disconnect());
});
process.send?.('ready');
