import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import root from 'otlp-schema/build/src/generated/root.js';
import { peek } from '../../src/core/foreign.ts';

/** A request as it arrived, and what OpenTelemetry's own schema reads in it. */
export interface Arrived {
	path: string;
	headers: IncomingHttpHeaders;
	/** The body, unzipped. */
	text: string;
	/** The log records' attributes, one object each. */
	records: Record<string, unknown>[];
	atMs: number;
}

/** What the endpoint does with a request. */
export type Answer =
	| { status: number; headers?: Record<string, string>; body?: string }
	/** Cuts the connection without a word. */
	| 'reset'
	/** Says nothing until `release` is called. */
	| 'hang';

interface MessageType {
	fromObject(value: object): object;
	toObject(message: object, options: object): object;
}

const logsRequest = ['opentelemetry', 'proto', 'collector', 'logs', 'v1', 'ExportLogsServiceRequest'].reduce<unknown>(
	peek,
	root,
) as MessageType;

/** An OTLP receiver on 127.0.0.1 that takes logs as JSON, and nothing that OpenTelemetry's schema does not know. */
export class OtlpEndpoint {
	readonly arrived: Arrived[] = [];
	/** Every byte of every body, unzipped: for what must not be in there. */
	raw = '';
	/** Answers for the next requests, in turn; after the last one all are taken. */
	readonly answers: Answer[] = [];
	/** Connections that the client has given up before it was answered. */
	aborted = 0;
	/** Most requests that were under way at one time. */
	mostAtOnce = 0;
	#underWay = 0;
	readonly #server = createServer((request, response) => void this.#take(request, response));
	readonly #hanging = new Set<ServerResponse>();
	readonly #waiting = new Set<() => void>();

	static async start(): Promise<OtlpEndpoint> {
		const endpoint = new OtlpEndpoint();
		await new Promise<void>((resolve) => endpoint.#server.listen(0, '127.0.0.1', resolve));
		return endpoint;
	}

	/** `http://127.0.0.1:PORT`. */
	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** The records of all requests that were taken. */
	get records(): Record<string, unknown>[] {
		return this.arrived.flatMap(({ records }) => records);
	}

	/** Resolves once this holds; fails after `withinMs`. */
	async when(holds: () => boolean, withinMs = 10_000): Promise<void> {
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		const look = () => holds() && resolve();
		const timer = setTimeout(() => reject(new Error('What was waited for has not come')), withinMs);
		this.#waiting.add(look);
		look();
		await promise.finally(() => {
			clearTimeout(timer);
			this.#waiting.delete(look);
		});
	}

	/** Answers what hangs. */
	release(): void {
		for (const response of this.#hanging) response.writeHead(200).end('{}');
		this.#hanging.clear();
	}

	close(): Promise<void> {
		return new Promise((resolve) => {
			this.#server.close(() => resolve());
			this.#server.closeAllConnections();
		});
	}

	async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
		this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#underWay);
		response.once('close', () => this.#underWay--);
		try {
			const zipped: Buffer[] = [];
			for await (const part of request) zipped.push(part);
			const text = gunzipSync(Buffer.concat(zipped)).toString('utf8');
			this.raw += text;
			this.arrived.push({
				path: request.url ?? '',
				headers: request.headers,
				text,
				records: recordsOf(text),
				atMs: performance.now(),
			});
			response.once('close', () => {
				if (!response.writableFinished) this.aborted++;
				this.#news();
			});
			this.#answer(this.answers.shift() ?? { status: 200, body: '{}' }, request, response);
		} catch {
			response.writeHead(400).end();
		}
		this.#news();
	}

	#answer(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
		if (answer === 'reset') request.socket.resetAndDestroy();
		else if (answer === 'hang') this.#hanging.add(response);
		else response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body);
	}

	#news(): void {
		for (const look of this.#waiting) look();
	}
}

/** The attributes of each log record; throws when the schema would lose something. */
function recordsOf(text: string): Record<string, unknown>[] {
	const sent: unknown = JSON.parse(text);
	const message = logsRequest.fromObject(Object(sent));
	assert.deepEqual(logsRequest.toObject(message, { longs: String, enums: Number, json: true }), sent);
	const plain: unknown = logsRequest.toObject(message, { longs: Number });
	return list(peek(plain, 'resourceLogs'))
		.flatMap((resource) => list(peek(resource, 'scopeLogs')))
		.flatMap((scope) => list(peek(scope, 'logRecords')))
		.map((record) =>
			Object.fromEntries(
				list(peek(record, 'attributes')).map((each) => [
					peek(each, 'key'),
					Object.values(Object(peek(each, 'value')))[0],
				]),
			),
		);
}

function list(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}
