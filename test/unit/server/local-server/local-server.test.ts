import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { LocalServer, LocalServerError, type Route } from '../../../../src/server/local-server.ts';
import { sendRaw } from './raw-request.ts';

const quiet = { info: () => undefined, warn: () => undefined };
const echo: Route = {
	prefix: '/echo',
	handle: (_request, response, rest) => void response.end(`rest:${rest}`),
};

describe('the local server', () => {
	const open: LocalServer[] = [];

	async function start(
		routes: readonly Route[] = [echo],
		options: { port?: number; timeouts?: { headersMs: number; checkMs: number } } = {},
	) {
		const server = new LocalServer({ routes, port: 0, log: quiet, ...options });
		open.push(server);
		return { server, ...(await server.start()) };
	}

	afterEach(async () => {
		await Promise.all(open.splice(0).map((server) => server.stop(0)));
	});

	it('hands a request to the route of its path, with the rest of the URL as it was sent', async () => {
		const { endpoint } = await start();
		const answers = ['/echo', '/echo/a%2Fb//c?d=1', '/echo?x'].map(async (path) =>
			(await fetch(endpoint + path)).text(),
		);
		assert.deepEqual(await Promise.all(answers), ['rest:', 'rest:/a%2Fb//c?d=1', 'rest:?x']);
	});

	it('takes the longest prefix, in whole steps of the path', async () => {
		const named = (prefix: string): Route => ({ prefix, handle: (_, response) => void response.end(prefix) });
		const { endpoint } = await start([named('/v1'), named('/v1/logs')]);
		assert.equal(await (await fetch(`${endpoint}/v1/logs/x`)).text(), '/v1/logs');
		assert.equal(await (await fetch(`${endpoint}/v1/logsx`)).text(), '/v1');
		assert.equal((await fetch(`${endpoint}/v1x`)).status, 404);
	});

	it('listens on the loopback address alone', async () => {
		const { port } = await start();
		const others = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
		const outside = others.filter(({ internal, family }) => !internal && family === 'IPv4');
		for (const { address } of outside) {
			const socket = connect(port, address);
			const [error] = await once(socket, 'error');
			assert.equal(error.code, 'ECONNREFUSED');
		}
		// A machine without a network proves it by the other loopback addresses.
		const [error] = await once(connect(port, '127.0.0.2'), 'error');
		assert.equal(error.code, 'ECONNREFUSED');
	});

	for (const [name, headers] of Object.entries({
		'the name of a web site (DNS rebinding)': (port: number) => `Host: rebound.example:${port}`,
		'another port': () => 'Host: 127.0.0.1:1',
		'no port': () => 'Host: 127.0.0.1',
	})) {
		it(`refuses a request to ${name}`, async () => {
			const { port } = await start();
			const answer = await sendRaw(port, `GET /echo HTTP/1.1\r\n${headers(port)}\r\nConnection: close\r\n\r\n`);
			assert.match(answer, /^HTTP\/1\.1 403 /);
		});
	}

	it('answers by both names of this machine', async () => {
		const { port } = await start();
		for (const host of [`127.0.0.1:${port}`, `LOCALHOST:${port}`]) {
			const answer = await sendRaw(port, `GET /echo HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
			assert.match(answer, /^HTTP\/1\.1 200 /);
		}
	});

	for (const header of ['Origin: https://page.example', 'Origin: null', 'Sec-Fetch-Site: cross-site']) {
		it(`refuses what a web page sends (${header}), and allows it nothing`, async () => {
			const { port } = await start();
			for (const method of ['GET', 'POST', 'OPTIONS']) {
				const request = `${method} /echo HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${header}\r\nConnection: close\r\n\r\n`;
				const answer = await sendRaw(port, request);
				assert.match(answer, /^HTTP\/1\.1 403 /);
				assert.doesNotMatch(answer, /access-control/i);
			}
		});
	}

	it('asks for no body before it has looked at who sends it', async () => {
		const { port } = await start();
		const head = (host: string) =>
			`POST /echo HTTP/1.1\r\nHost: ${host}\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n`;
		assert.match(await sendRaw(port, head('rebound.example')), /^HTTP\/1\.1 403 /);
		assert.match(await sendRaw(port, `${head(`127.0.0.1:${port}`)}{}`), /^HTTP\/1\.1 100 [\s\S]*HTTP\/1\.1 200 /);
	});

	it('takes the next free port when the wanted one is taken, and says which', async () => {
		const other = createServer();
		other.listen(0, '127.0.0.1');
		await once(other, 'listening');
		const taken = (other.address() as AddressInfo).port;
		try {
			const { port, wantedPort, endpoint } = await start([echo], { port: taken });
			assert.ok(port > taken && port < taken + 20);
			assert.equal(wantedPort, taken);
			assert.equal((await fetch(`${endpoint}/echo`)).status, 200);
		} finally {
			other.close();
		}
	});

	it('says that no port is free, and where to choose another', async () => {
		const other = createServer();
		other.listen(65_535, '127.0.0.1');
		await once(other, 'listening');
		try {
			const server = new LocalServer({ routes: [], port: 65_535, log: quiet });
			await assert.rejects(server.start(), (error) => {
				assert.ok(error instanceof LocalServerError);
				assert.equal(error.reason, 'noFreePort');
				assert.match(error.message, /callmeter\.server\.port/);
				return true;
			});
		} finally {
			other.close();
		}
	});

	it('answers 500 to what its route throws, cuts off an answer that has begun, and goes on', async () => {
		const { endpoint } = await start([
			echo,
			{
				prefix: '/throws',
				handle: () => {
					throw new Error('content of a prompt');
				},
			},
			{
				prefix: '/breaks',
				handle: async (_, response) => {
					response.write('begun');
					throw new Error('later');
				},
			},
		]);
		const answer = await fetch(`${endpoint}/throws`);
		assert.equal(answer.status, 500);
		assert.doesNotMatch(await answer.text(), /prompt/);
		await assert.rejects(async () => (await fetch(`${endpoint}/breaks`)).text());
		assert.equal((await fetch(`${endpoint}/echo`)).status, 200);
	});

	it('ends a connection whose headers do not come', async () => {
		const { port, endpoint } = await start([echo], { timeouts: { headersMs: 50, checkMs: 20 } });
		assert.match(await sendRaw(port, `GET /echo HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Slow: `), /^HTTP\/1\.1 408 /);
		assert.equal((await fetch(`${endpoint}/echo`)).status, 200);
	});

	it('answers 400 to what is no HTTP and 431 to endless headers', async () => {
		const { port, endpoint } = await start();
		assert.match(await sendRaw(port, 'this is not HTTP\r\n\r\n'), /^HTTP\/1\.1 400 /);
		const endless = `GET /echo HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Long: ${'x'.repeat(80_000)}\r\n\r\n`;
		assert.match(await sendRaw(port, endless), /^HTTP\/1\.1 431 /);
		assert.equal((await fetch(`${endpoint}/echo`)).status, 200);
	});

	it('lets an answer under way end when it stops, and takes no other', async function () {
		this.timeout(4_000);
		const begun = Promise.withResolvers<void>();
		const go = Promise.withResolvers<void>();
		const slow: Route = {
			prefix: '/slow',
			async handle(_request, response) {
				begun.resolve();
				await go.promise;
				response.end('whole');
			},
		};
		const { server, endpoint } = await start([slow]);
		const answer = fetch(`${endpoint}/slow`);
		await begun.promise;
		const stopped = server.stop(5_000);
		await assert.rejects(fetch(`${endpoint}/slow`));
		go.resolve();
		assert.equal(await (await answer).text(), 'whole');
		await stopped;
		assert.equal(server.listening, null);
	});

	it('does not wait for an answer that never ends', async () => {
		const begun = Promise.withResolvers<void>();
		const { server, endpoint } = await start([{ prefix: '/never', handle: () => begun.resolve() }]);
		const answer = fetch(`${endpoint}/never`);
		const failed = assert.rejects(answer);
		await begun.promise;
		await server.stop(20);
		await failed;
	});

	it('can be stopped before it has started', async () => {
		const server = new LocalServer({ routes: [echo], port: 0, log: quiet });
		const started = server.start();
		await server.stop(0);
		await started;
		assert.equal(server.listening, null);
	});
});
