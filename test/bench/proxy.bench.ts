import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Figure } from '../run/bench.ts';
import { Proxied } from '../unit/server/proxy/proxied.ts';

/** What the recording proxy adds until the first byte of an answer. */
export const name = 'proxy';

const rounds = 400;
const prompt = Buffer.from(
	JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: 'x'.repeat(100_000) }] }),
);

/** The same request straight to a local provider and through the proxy, in turns. */
export async function run(): Promise<Figure[]> {
	const provider = createServer((incoming, response) => {
		incoming.resume().on('end', () => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
			response.end('data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":1}}\n\ndata: [DONE]\n\n');
		});
	});
	await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
	const direct = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
	const proxied = new Proxied();
	const through = await proxied.to('here', direct);
	const agent = new Agent({ keepAlive: true });
	try {
		const directMs: number[] = [];
		const throughMs: number[] = [];
		for (let round = 0; round < rounds; round++) {
			directMs.push(await firstByte(`${direct}/v1/chat/completions`, agent));
			throughMs.push(await firstByte(`${through}/v1/chat/completions`, agent));
		}
		const addedMs = median(throughMs) - median(directMs);
		const calls = await proxied.calls(100);
		return [
			{
				figure: `proxy: added to the first byte, prompt of ${prompt.length / 1000} KB (p50 of ${rounds})`,
				measured: `${addedMs.toFixed(2)} ms`,
				budget: '≤ 2 ms',
				ok: addedMs <= 2 && calls.length >= 100,
			},
		];
	} finally {
		agent.destroy();
		await proxied.remove();
		provider.close();
		provider.closeAllConnections();
	}
}

function firstByte(url: string, agent: Agent): Promise<number> {
	return new Promise((resolve, reject) => {
		const start = performance.now();
		const outgoing = request(url, { method: 'POST', agent }, (response) => {
			let first = 0;
			response.on('data', () => {
				first ||= performance.now() - start;
			});
			response.on('end', () => resolve(first));
			response.on('error', reject);
		});
		outgoing.on('error', reject);
		outgoing.end(prompt);
	});
}

function median(values: number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
