import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import './vscode/register.ts';
import type * as serviceModule from '../../../src/host/local-server-service.ts';

describe('the local server in a window', () => {
	let LocalServerService: typeof serviceModule.LocalServerService;
	let vscode: Record<'window' | 'env', Record<string, unknown>>;
	let told: string[];
	let answer: string | undefined;
	let copied: string;
	let changed: () => void;
	let settings: { enabled: boolean; port: number };
	let log: string[];
	let opened: number;
	let closed: number;
	let offerIsOn: boolean;
	const services: serviceModule.LocalServerService[] = [];
	const others: Server[] = [];

	before(async () => {
		({ LocalServerService } = await import('../../../src/host/local-server-service.ts'));
		vscode = (await import('vscode')) as unknown as typeof vscode;
	});

	beforeEach(async () => {
		[told, log, opened, closed, copied, answer, offerIsOn] = [[], [], 0, 0, '', undefined, true];
		const tell = async (text: string) => {
			told.push(text);
			return answer;
		};
		Object.assign(vscode.window, {
			showInformationMessage: tell,
			showWarningMessage: tell,
			showErrorMessage: tell,
			setStatusBarMessage: () => ({ dispose: () => undefined }),
		});
		vscode.env.clipboard = {
			writeText: async (text: string) => {
				copied = text;
			},
		};
		settings = { enabled: false, port: await freePort() };
	});

	afterEach(async () => {
		await Promise.all(services.splice(0).map((service) => service.close()));
		for (const other of others.splice(0)) other.close();
	});

	async function freePort(): Promise<number> {
		const probe = createServer().listen(0, '127.0.0.1');
		await once(probe, 'listening');
		const { port } = probe.address() as AddressInfo;
		probe.close();
		await once(probe, 'close');
		return port;
	}

	function make(): serviceModule.LocalServerService {
		const write = (line: string) => void log.push(line);
		const service = new LocalServerService({
			settings: {
				get enabled() {
					return settings.enabled;
				},
				get port() {
					return settings.port;
				},
				setEnabled: async (on) => {
					settings.enabled = on;
					changed();
				},
				onDidChange: (listener) => {
					changed = listener;
					return { dispose: () => undefined };
				},
			},
			offers: [
				{
					isOn: () => offerIsOn,
					open: () => {
						opened++;
						const close = async () => void closed++;
						return { routes: [{ prefix: '/offer', handle: (_, response) => void response.end('here') }], close };
					},
				},
			],
			log: { info: write, warn: write, error: write },
		});
		services.push(service);
		return service;
	}

	/** The next change of what runs. */
	const change = (service: serviceModule.LocalServerService) =>
		new Promise<void>((resolve) => {
			const listening = service.onDidChange(() => {
				listening.dispose();
				resolve();
			});
		});

	it('does not run until it is switched on', async () => {
		const service = make();
		service.start();
		await service.copyEndpoint();
		assert.equal(service.listening, null);
		assert.deepEqual(told, ['The local server is not running.']);
		assert.equal(opened, 0);
	});

	it('runs while the setting has it on, and stops when that is switched off', async () => {
		settings.enabled = true;
		const service = make();
		const started = change(service);
		service.start();
		await started;
		const { endpoint = '' } = service.listening ?? {};
		assert.equal(endpoint, `http://127.0.0.1:${settings.port}`);
		assert.equal(await (await fetch(`${endpoint}/offer`)).text(), 'here');
		const stopped = change(service);
		settings.enabled = false;
		changed();
		await stopped;
		assert.equal(service.listening, null);
		assert.deepEqual([opened, closed], [1, 1]);
		await assert.rejects(fetch(`${endpoint}/offer`));
	});

	it('is started in one window by its command, says where it listens, and copies it', async () => {
		const service = make();
		await service.startByCommand();
		assert.deepEqual(told, [`The local server listens on http://127.0.0.1:${settings.port}.`]);
		await service.copyEndpoint();
		assert.equal(copied, `http://127.0.0.1:${settings.port}`);
		await service.stopByCommand();
		assert.equal(service.listening, null);
		assert.equal(told.at(-1), 'The local server has stopped.');
	});

	it('starts with each window once the user wants that', async () => {
		answer = 'Start With Each Window';
		const service = make();
		await service.startByCommand();
		assert.equal(settings.enabled, true);
		assert.notEqual(service.listening, null);
	});

	it('takes the next free port where another window has its own, and says so', async () => {
		const first = make();
		await first.startByCommand();
		const second = make();
		await second.startByCommand();
		const { port = 0, endpoint } = second.listening ?? {};
		assert.ok(port > settings.port);
		assert.match(told.at(-1) ?? '', new RegExp(`Port ${settings.port} is taken.* ${endpoint}:`));
	});

	it('moves to another port, and opens what is switched on meanwhile', async () => {
		offerIsOn = false;
		const service = make();
		await service.startByCommand();
		const { endpoint } = service.listening ?? {};
		assert.equal((await fetch(`${endpoint}/offer`)).status, 404);
		offerIsOn = true;
		settings.port = await freePort();
		const moved = change(service);
		changed();
		await moved;
		assert.equal(await (await fetch(`http://127.0.0.1:${settings.port}/offer`)).text(), 'here');
	});

	it('says what to do when no port is free, and does not take its window down', async () => {
		settings.port = 65_535;
		const other = createServer();
		others.push(other.listen(65_535, '127.0.0.1'));
		await once(other, 'listening');
		const service = make();
		await service.startByCommand();
		assert.equal(service.listening, null);
		assert.match(service.problem ?? '', /no free port from 65535 on.*callmeter\.server\.port/);
		assert.deepEqual(told, [service.problem]);
		assert.deepEqual([opened, closed], [1, 1]);
	});

	it('stays stopped once the window closes', async () => {
		const service = make();
		await service.startByCommand();
		await service.close();
		await service.startByCommand();
		assert.equal(service.listening, null);
	});
});
