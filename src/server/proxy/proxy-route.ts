import { randomUUID } from 'node:crypto';
import {
	type ClientRequest,
	Agent as HttpAgent,
	type IncomingMessage,
	request as requestHttp,
	type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { answerProblem } from '../answer-problem.ts';
import type { Route } from '../local-server.ts';
import { Capture } from './capture.ts';
import type { ProxiedAnswer, ProxiedEnd, ProxiedRequest } from './exchange.ts';
import { apiOf, type ProxyTarget } from './targets.ts';

/** Bytes of a body that are kept for the record; all of it is passed on. */
const keptBytes = 32 * 1024 * 1024;

/** Takes what passed. Returns at once and never throws. */
export interface ExchangeSink {
	request(request: ProxiedRequest, memory: ArrayBuffer[]): void;
	answer(answer: ProxiedAnswer, memory: ArrayBuffer[]): void;
}

export interface ProxyOptions {
	/** By the word in the path; asked for each request, since the user may change them. */
	target(name: string): ProxyTarget | undefined;
	sink: ExchangeSink;
	/** Where the calls are made, as far as this window knows; `null`: not told. */
	folder: string | null;
}

/** Headers of one connection, not of the message (RFC 9110, 7.6.1). */
const hopByHop = new Set([
	'connection',
	'keep-alive',
	'proxy-authenticate',
	'proxy-authorization',
	'proxy-connection',
	'te',
	// Trailers are not passed on (RFC 9110, 6.5.1), and Node refuses to announce what it does not send.
	'trailer',
	'transfer-encoding',
	'upgrade',
]);

/**
 * How long a connection to a provider is kept for the next request, in milliseconds: less than its other end keeps it,
 * since a request that meets a connection being closed cannot be sent twice without being paid twice. Load balancers
 * close after 60 s, servers on one's own machine after 5 s.
 */
const idleMs = { http: 4_000, https: 50_000 };

/**
 * `/proxy/<target>/…`: hands requests on to a provider and its answers back, byte for byte as they come, and keeps a
 * copy of both for the record. Keys pass through and are never kept. Nothing waits for the record, and what goes wrong
 * with it never reaches the agent.
 */
export function proxyRoute(options: ProxyOptions): Route {
	const agents = {
		http: new HttpAgent({ keepAlive: true, timeout: idleMs.http }),
		https: new HttpsAgent({ keepAlive: true, timeout: idleMs.https }),
	};
	return {
		prefix: '/proxy',
		handle(request, response, rest) {
			const [, name = '', path = ''] = /^\/([^/?]*)(.*)$/s.exec(rest) ?? [];
			const target = options.target(name);
			if (target === undefined) {
				request.resume();
				answerProblem(
					response,
					404,
					`Nothing is forwarded to "${name}". Add its base URL to the setting callmeter.server.proxyTargets.`,
				);
				return;
			}
			if (request.headers.upgrade?.toLowerCase() === 'websocket') {
				request.resume();
				answerProblem(response, 426, 'The proxy speaks HTTP only, no WebSocket.');
				return;
			}
			new Exchange(options, target, path, request, response).forward(agents);
		},
	};
}

/** One request on its way there and back. */
class Exchange {
	readonly #options: ProxyOptions;
	readonly #target: ProxyTarget;
	readonly #path: string;
	readonly #request: IncomingMessage;
	readonly #response: ServerResponse;
	readonly #asked = new Capture(keptBytes);
	readonly #answered = new Capture(keptBytes);
	readonly #callId = `proxy:${randomUUID()}`;
	readonly #startedAtMs = Date.now();
	readonly #started = performance.now();
	readonly #recorded: boolean;
	#answer: IncomingMessage | null = null;
	#told = false;
	#over = false;

	constructor(
		options: ProxyOptions,
		target: ProxyTarget,
		path: string,
		request: IncomingMessage,
		response: ServerResponse,
	) {
		this.#options = options;
		this.#target = target;
		this.#path = path;
		this.#request = request;
		this.#response = response;
		this.#recorded = apiOf(request.method ?? '', withoutQuery(path)) !== null;
	}

	forward(agents: { http: HttpAgent; https: HttpsAgent }): void {
		const request = this.#request;
		const response = this.#response;
		const url = new URL(this.#target.baseUrl);
		const secure = url.protocol === 'https:';
		const outgoing = (secure ? requestHttps : requestHttp)({
			agent: secure ? agents.https : agents.http,
			// A URL in brackets is an address of version 6, and is named without them.
			hostname: url.hostname.replace(/^\[|\]$/g, ''),
			port: url.port,
			path: (url.pathname === '/' ? '' : url.pathname) + (this.#path === '' ? '/' : this.#path),
			method: request.method,
			headers: [
				...passedOn(request.rawHeaders, url.host),
				// Node frames no body of its own accord for methods that rarely have one.
				...(request.headers['transfer-encoding'] === undefined ? [] : ['Transfer-Encoding', 'chunked']),
			],
		});
		outgoing.setNoDelay(true);
		response.socket?.setNoDelay(true);
		this.#watchClient(outgoing);
		outgoing.on('response', (answer) => {
			try {
				this.#passBack(answer);
			} catch (error) {
				// What Node reads but does not write, such as a status of 99: thrown here, it would end the process.
				outgoing.destroy();
				this.#lost(error instanceof Error ? error : null);
			}
		});
		outgoing.on('error', (error) => this.#lost(error));
		if (this.#recorded) request.on('data', (chunk: Buffer) => this.#asked.see(chunk, this.#elapsed()));
		request.on('end', () => this.#tellRequest());
		request.pipe(outgoing);
	}

	/** A client that goes away takes its request with it: the provider must not go on for nobody. */
	#watchClient(outgoing: ClientRequest): void {
		this.#response.on('close', () => {
			if (this.#response.writableFinished) return;
			outgoing.destroy();
			this.#end({ how: 'clientGone' });
		});
	}

	#passBack(answer: IncomingMessage): void {
		const response = this.#response;
		this.#answer = answer;
		response.sendDate = false;
		response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', passedOn(answer.rawHeaders, null));
		// The headers at once: a provider may take a minute to say its first word.
		response.flushHeaders();
		if (this.#recorded) answer.on('data', (chunk: Buffer) => this.#answered.see(chunk, this.#elapsed()));
		answer.on('error', (error) => this.#lost(error));
		answer.on('aborted', () => this.#lost(null));
		answer.on('end', () => {
			if (answer.complete) this.#end({ how: 'complete' });
		});
		answer.pipe(response);
	}

	/** The provider is not to be reached, or broke off in the middle: so does what the client sees. */
	#lost(error: Error | null): void {
		if (this.#over) return;
		const code: unknown = error === null ? 'ECONNRESET' : Reflect.get(error, 'code');
		const named = typeof code === 'string' ? code : null;
		this.#end({ how: 'providerGone', code: named });
		if (this.#response.headersSent) this.#response.destroy();
		else {
			this.#request.resume();
			answerProblem(this.#response, 502, `${this.#target.name} could not be reached (${named ?? 'unknown'}).`);
		}
	}

	#tellRequest(): void {
		const api = apiOf(this.#request.method ?? '', withoutQuery(this.#path));
		if (api === null || this.#told) return;
		this.#told = true;
		const { headers } = this.#request;
		const { body, memory } = this.#asked.take(headers['content-encoding']);
		const request: ProxiedRequest = {
			callId: this.#callId,
			provider: this.#target.name,
			api,
			path: withoutQuery(this.#path),
			startedAtMs: this.#startedAtMs,
			agent: firstOf(headers['user-agent']),
			session: firstOf(headers.session_id) ?? firstOf(headers['session-id']) ?? firstOf(headers['x-session-id']),
			folder: this.#options.folder,
			body,
		};
		this.#options.sink.request(request, memory);
	}

	#end(end: ProxiedEnd): void {
		if (this.#over) return;
		this.#over = true;
		if (!this.#recorded) return;
		this.#tellRequest();
		const headers = this.#answer?.headers ?? {};
		const { body, memory } = this.#answered.take(firstOf(headers['content-encoding']) ?? undefined);
		const answer: ProxiedAnswer = {
			callId: this.#callId,
			status: this.#answer?.statusCode ?? null,
			requestId: firstOf(headers['request-id']) ?? firstOf(headers['x-request-id']),
			eventStream: (headers['content-type'] ?? '').toLowerCase().startsWith('text/event-stream'),
			body,
			end,
			latencyMs: this.#elapsed(),
		};
		this.#options.sink.answer(answer, memory);
	}

	#elapsed(): number {
		return performance.now() - this.#started;
	}
}

/** Headers as they came, names and order kept; without those of the connection, and for another host. */
function passedOn(raw: readonly string[], host: string | null): string[] {
	const dropped = new Set(hopByHop);
	for (let at = 0; at < raw.length; at += 2) {
		if (raw[at]?.toLowerCase() !== 'connection') continue;
		for (const name of raw[at + 1]?.split(',') ?? []) dropped.add(name.trim().toLowerCase());
	}
	const kept: string[] = host === null ? [] : ['Host', host];
	for (let at = 0; at < raw.length; at += 2) {
		const name = raw[at] ?? '';
		const lower = name.toLowerCase();
		if (dropped.has(lower) || (host !== null && lower === 'host') || lower === 'expect') continue;
		kept.push(name, raw[at + 1] ?? '');
	}
	return kept;
}

function withoutQuery(path: string): string {
	return path.split('?', 1)[0] ?? '';
}

function firstOf(value: string | string[] | undefined): string | null {
	const text = Array.isArray(value) ? value[0] : value;
	return text === undefined || text === '' ? null : text;
}
