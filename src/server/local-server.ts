import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerProblem } from './answer-problem.ts';
import { refusalOf } from './loopback-guard.ts';

const address = '127.0.0.1';
/** Ports that are tried, from the wanted one on, before giving up. */
const portsTried = 20;
const highestPort = 65_535;
/** How long a client may take for its headers, and how often the late ones are looked for, in milliseconds. */
const headersTimeoutMs = 10_000;
const lookForLateMs = 2_000;
/** How long a client may take to send a whole request. Answers may take as long as they like. Milliseconds. */
const requestTimeoutMs = 300_000;
const keepAliveMs = 15_000;
/** Agents send many headers, some of them long; 16 KB, Node's own limit, is too little for some. */
const maxHeaderBytes = 65_536;
const maxConnections = 1_000;
/** How long a stopping server waits for the answers that are under way, in milliseconds. */
const defaultGraceMs = 2_000;

/** What answers the requests below one path. */
export interface Route {
	/** The path it answers for and all below it: `/v1/traces`, `/proxy`. Begins with `/`, ends without. The longest wins. */
	prefix: string;
	/**
	 * Answers. `rest` is the URL behind the prefix as it was sent, query included: empty, or beginning with `/` or `?`.
	 * What it throws becomes a 500, or cuts off an answer that has begun.
	 */
	handle(request: IncomingMessage, response: ServerResponse, rest: string): void | Promise<void>;
	/** It asks for a body itself (`100 Continue`), once it knows that it wants it. Else the server does, for whoever may ask at all. */
	asksForBody?: true;
	/** The server takes no more requests, and waits for the answers under way: those that end on no account must end now. */
	stopping?(): void;
}

/** What the server tells of itself. Never a header, a path or a body. */
export interface ServerLog {
	info(message: string): void;
	warn(message: string): void;
}

export interface LocalServerOptions {
	routes: readonly Route[];
	/** The wanted port; 0 takes any free one. */
	port: number;
	log: ServerLog;
	/** How often late clients are looked for, in milliseconds; for tests. */
	timeouts?: { headersMs?: number; requestMs?: number; checkMs?: number };
}

export type LocalServerErrorReason = 'noFreePort' | 'notAllowed' | 'io' | 'stopped';

/** Why the server could not start. `message` says what happened and what to do. */
export class LocalServerError extends Error {
	readonly reason: LocalServerErrorReason;
	constructor(reason: LocalServerErrorReason, message: string, options?: { cause?: unknown }) {
		super(message, options);
		this.name = 'LocalServerError';
		this.reason = reason;
	}
}

/** Where a started server listens. */
export interface Listening {
	port: number;
	/** The port that was asked for. Another than `port`: it was taken, by another window perhaps. */
	wantedPort: number;
	/** `http://127.0.0.1:PORT`, without a slash at its end. */
	endpoint: string;
}

/**
 * An HTTP server that only this machine reaches: it listens on 127.0.0.1, refuses what a web page could send, and hands
 * each request to the route of its path. Does nothing before `start`; whoever starts it stops it.
 */
export class LocalServer {
	readonly #options: LocalServerOptions;
	readonly #routes: readonly Route[];
	#server: Server | null = null;
	#listening: Listening | null = null;
	#starting: Promise<Listening> | null = null;
	#stopping: Promise<void> | null = null;

	constructor(options: LocalServerOptions) {
		this.#options = options;
		this.#routes = [...options.routes].sort((a, b) => b.prefix.length - a.prefix.length);
	}

	/** `null`: it does not listen. */
	get listening(): Listening | null {
		return this.#listening;
	}

	/** Listens on the wanted port, or on the next free one. Rejects with `LocalServerError`. A stopped server stays stopped. */
	start(): Promise<Listening> {
		this.#starting ??= this.#start();
		return this.#starting;
	}

	/** Takes no more requests, lets those under way end for `graceMs`, then cuts them off. */
	stop(graceMs = defaultGraceMs): Promise<void> {
		this.#stopping ??= this.#stop(graceMs);
		return this.#stopping;
	}

	async #start(): Promise<Listening> {
		const { port: wantedPort, log } = this.#options;
		const last = wantedPort === 0 ? 0 : Math.min(highestPort, wantedPort + portsTried - 1);
		for (let port = wantedPort; port <= last; port++) {
			if (this.#stopping) throw new LocalServerError('stopped', 'The local server was stopped before it had started.');
			const server = this.#create();
			try {
				await listen(server, port);
			} catch (error) {
				if (codeOf(error) === 'EADDRINUSE') continue;
				throw startError(port, error);
			}
			return this.#started(server, wantedPort, log);
		}
		const message = `The ports ${wantedPort} to ${last} are all taken. Choose another in the setting callmeter.server.port.`;
		throw new LocalServerError('noFreePort', message);
	}

	#started(server: Server, wantedPort: number, log: ServerLog): Listening {
		// Errors of the listening socket after the start, such as too many open files: the server goes on.
		server.on('error', (error) => log.warn(`The local server reports: ${codeOf(error) ?? error.name}`));
		const bound = server.address();
		const port = typeof bound === 'object' && bound !== null ? bound.port : wantedPort;
		this.#server = server;
		this.#listening = { port, wantedPort: wantedPort || port, endpoint: `http://${address}:${port}` };
		const instead = this.#listening.wantedPort === port ? '' : `, for port ${wantedPort} is taken`;
		log.info(`The local server listens on ${this.#listening.endpoint}${instead}`);
		return this.#listening;
	}

	async #stop(graceMs: number): Promise<void> {
		await this.#starting?.catch(() => null);
		const server = this.#server;
		this.#listening = null;
		if (server === null) return;
		const closed = new Promise<void>((resolve) => server.close(() => resolve()));
		server.closeIdleConnections();
		for (const route of this.#routes) route.stopping?.();
		const timer = setTimeout(() => server.closeAllConnections(), graceMs);
		await closed;
		clearTimeout(timer);
		this.#server = null;
		this.#options.log.info('The local server has stopped');
	}

	#create(): Server {
		const {
			headersMs = headersTimeoutMs,
			requestMs = requestTimeoutMs,
			checkMs = lookForLateMs,
		} = this.#options.timeouts ?? {};
		const server = createServer({
			headersTimeout: headersMs,
			requestTimeout: requestMs,
			connectionsCheckingInterval: checkMs,
			keepAliveTimeout: keepAliveMs,
			maxHeaderSize: maxHeaderBytes,
		});
		server.maxConnections = maxConnections;
		server.on('request', (request, response) => void this.#answer(request, response, false));
		// Without this, Node asks for the body before anyone has looked at who sends it.
		server.on('checkContinue', (request, response) => void this.#answer(request, response, true));
		return server;
	}

	async #answer(request: IncomingMessage, response: ServerResponse, waits: boolean): Promise<void> {
		// A client that goes away is everyday business.
		request.on('error', () => undefined);
		response.on('error', () => undefined);
		response.on('close', () => {
			// A stopping server waits for no connection that has had its answer.
			if (this.#stopping) setImmediate(() => this.#server?.closeIdleConnections());
		});
		const port = this.#listening?.port;
		if (port === undefined) {
			response.setHeader('connection', 'close');
			return answerProblem(response, 503, 'The server is stopping.', { retryAfterSeconds: 1 });
		}
		const refusal = refusalOf(request, port);
		if (refusal !== null) return answerProblem(response, 403, refusal);
		const url = request.url ?? '/';
		const route = this.#routes.find(({ prefix }) => isBelow(url, prefix));
		if (route === undefined) return answerProblem(response, 404, 'There is nothing at this path.');
		try {
			if (waits && !route.asksForBody) response.writeContinue();
			await route.handle(request, response, url.slice(route.prefix.length));
		} catch (error) {
			const name = error instanceof Error ? error.name : 'unknown';
			this.#options.log.warn(`The local server failed below ${route.prefix}: ${name}`);
			if (response.headersSent) response.destroy();
			else answerProblem(response, 500, 'The request could not be handled.');
		}
	}
}

function listen(server: Server, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen({ port, host: address, exclusive: true }, () => {
			server.off('error', reject);
			resolve();
		});
	});
}

function startError(port: number, cause: unknown): LocalServerError {
	const code = codeOf(cause);
	if (code === 'EACCES') {
		const message = `Port ${port} may not be used. Choose another in the setting callmeter.server.port.`;
		return new LocalServerError('notAllowed', message, { cause });
	}
	return new LocalServerError('io', `The local server could not listen on port ${port} (${code ?? 'unknown'}).`, {
		cause,
	});
}

function codeOf(error: unknown): string | null {
	const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null;
	return typeof code === 'string' ? code : null;
}

/** Whole steps of the path count: `/v1` is not above `/v1x`. */
function isBelow(url: string, prefix: string): boolean {
	if (!url.startsWith(prefix)) return false;
	const next = url.charAt(prefix.length);
	return next === '' || next === '/' || next === '?';
}
