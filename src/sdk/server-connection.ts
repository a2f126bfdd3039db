import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as SecureAgent } from 'node:https';
import type { Socket } from 'node:net';
import { peek } from '../core/foreign.ts';
import { sdkUserAgent } from '../core/outside/sdk-user-agent.ts';
import { isProof, newChallenge } from '../server/discovery/server-proof.ts';

/** A server to speak to. */
export interface ServerAddress {
	/** Base URL, without a slash at its end. */
	url: string;
	token: string;
	/** What it must call itself before it gets the token; `null`: its user named it, and is believed. */
	instance: string | null;
}

export interface ServerAnswer {
	status: number;
	headers: IncomingHttpHeaders;
	text: string;
}

/**
 * `refused`: nothing listens there, or something else than the server that is looked for. `late`: no answer in time.
 * `broken`: the connection broke.
 */
export type ConnectionErrorReason = 'refused' | 'late' | 'broken';

export class ConnectionError extends Error {
	readonly reason: ConnectionErrorReason;

	constructor(reason: ConnectionErrorReason, message: string, options?: { cause?: unknown }) {
		super(message, options);
		this.name = 'ConnectionError';
		this.reason = reason;
	}
}

/** How long a server may take to say who it is, ms. */
const introductionMs = 3_000;
/** Of an answer; more is no answer of ours. */
const maxAnswerBytes = 64 << 20;

/** A request found a connection on which the server has not said who it is. */
const notIntroduced = new Error('not introduced');

/**
 * One server, spoken to over one connection at a time. Where its instance is known, each new connection begins with the
 * question who is there, and whether it can prove it: a port that a server has left may be another program's by now, and
 * that one gets no token.
 * A connection that is idle keeps no process alive.
 */
export class ServerConnection {
	readonly address: ServerAddress;
	readonly #base: URL;
	readonly #agent: Agent;
	readonly #timeoutMs: number;
	readonly #introduced = new WeakSet<Socket>();

	constructor(address: ServerAddress, timeoutMs: number) {
		this.address = address;
		this.#base = new URL(address.url);
		const options = { keepAlive: true, maxSockets: 1 };
		this.#agent = this.#base.protocol === 'https:' ? new SecureAgent(options) : new Agent(options);
		this.#timeoutMs = timeoutMs;
	}

	/** Asks who is there. Rejects with `ConnectionError`. */
	async introduce(): Promise<void> {
		if (this.address.instance === null) return;
		let known: Socket | null = null;
		const challenge = newChallenge();
		const answer = await this.#send('GET', `/api/server?challenge=${challenge}`, {
			timeoutMs: Math.min(introductionMs, this.#timeoutMs),
			onSocket: (socket) => {
				known = socket;
				return true;
			},
		});
		const about = answer.status === 200 ? jsonIn(answer.text) : null;
		// Anyone on this machine may have asked the server for its instance while it ran: that it has the token shows more.
		const { token, instance } = this.address;
		const isIt = peek(about, 'product') === 'callmeter' && peek(about, 'instance') === instance;
		if (!isIt || !isProof(peek(about, 'proof'), token, Number(this.#base.port || 80), challenge)) {
			throw new ConnectionError('refused', `Another program listens at ${this.address.url}, or it has another token.`);
		}
		if (known !== null) this.#introduced.add(known);
	}

	/** `path` begins with `/api`. Rejects with `ConnectionError`. */
	async ask(method: 'GET' | 'POST', path: string, body?: string): Promise<ServerAnswer> {
		for (let attempt = 1; ; attempt++) {
			try {
				return await this.#send(method, path, {
					timeoutMs: this.#timeoutMs,
					body,
					token: this.address.token,
					onSocket: (socket) => this.address.instance === null || this.#introduced.has(socket),
				});
			} catch (error) {
				if (!(error instanceof ConnectionError) || error.cause !== notIntroduced) throw error;
				if (attempt === 3) throw new ConnectionError('broken', `${this.address.url} keeps no connection.`);
				await this.introduce();
			}
		}
	}

	close(): void {
		this.#agent.destroy();
	}

	/** `onSocket` says whether the request may go out over this connection. */
	#send(
		method: string,
		path: string,
		{
			timeoutMs,
			body,
			token,
			onSocket,
		}: { timeoutMs: number; body?: string | undefined; token?: string; onSocket: (socket: Socket) => boolean },
	): Promise<ServerAnswer> {
		const bytes = body === undefined ? undefined : Buffer.from(body);
		const make = this.#base.protocol === 'https:' ? httpsRequest : httpRequest;
		const request = make(new URL(`${this.#base.pathname.replace(/\/+$/, '')}${path}`, this.#base), {
			agent: this.#agent,
			method,
			headers: {
				accept: 'application/json',
				'user-agent': sdkUserAgent,
				...(token !== undefined && { authorization: `Bearer ${token}` }),
				...(bytes && { 'content-type': 'application/json', 'content-length': bytes.length }),
			},
		});
		const late = () => request.destroy(new ConnectionError('late', `${this.address.url} does not answer.`));
		const timer = setTimeout(late, timeoutMs);
		return new Promise<ServerAnswer>((resolve, reject) => {
			request.on('socket', (socket) => {
				// Before the first byte has gone.
				if (!onSocket(socket)) request.destroy(notIntroduced);
			});
			const fail = (error: unknown) => reject(connectionError(this.address.url, error));
			request.on('response', (response) => read(response, resolve, fail));
			request.on('error', fail);
			request.on('close', () => fail(null));
			request.end(bytes);
		}).finally(() => clearTimeout(timer));
	}
}

function read(
	response: IncomingMessage,
	resolve: (answer: ServerAnswer) => void,
	fail: (error: unknown) => void,
): void {
	const chunks: Buffer[] = [];
	let bytes = 0;
	response.on('data', (chunk: Buffer) => {
		bytes += chunk.length;
		if (bytes > maxAnswerBytes) response.destroy(new ConnectionError('broken', 'The answer is too large.'));
		else chunks.push(chunk);
	});
	response.on('error', fail);
	response.on('end', () => {
		const text = Buffer.concat(chunks).toString('utf8');
		resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
	});
}

function connectionError(url: string, error: unknown): ConnectionError {
	if (error instanceof ConnectionError) return error;
	const code = peek(error, 'code');
	const reason = code === 'ECONNREFUSED' || code === 'ENOTFOUND' ? 'refused' : 'broken';
	return new ConnectionError(reason, `${url} cannot be reached (${String(code ?? 'connection lost')}).`, {
		cause: error,
	});
}

/** The JSON value in a text; `null` when it is none. */
export function jsonIn(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
