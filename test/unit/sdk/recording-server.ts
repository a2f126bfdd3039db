import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a program at a port was sent. */
export interface Asked {
	method: string;
	url: string;
	authorization: string | undefined;
	body: string;
}

/** Answers one request, or leaves it without an answer. */
export type Answering = (asked: Asked, response: ServerResponse) => void;

/** A program that listens at a port of this machine, and remembers every request. */
export class RecordingServer {
	readonly asked: Asked[] = [];
	readonly #server: Server;
	port = 0;

	constructor(answer: Answering) {
		this.#server = createServer((request, response) => {
			void textOf(request).then((body) => {
				const { method = '', url = '', headers } = request;
				const asked = { method, url, authorization: headers.authorization, body };
				this.asked.push(asked);
				answer(asked, response);
			});
		});
	}

	/** At this port; absent: at any. */
	async start(port = 0): Promise<this> {
		await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
		this.port = (this.#server.address() as AddressInfo).port;
		return this;
	}

	/** Requests with events. */
	get posts(): Asked[] {
		return this.asked.filter(({ method }) => method === 'POST');
	}

	async stop(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}

/** Says that it is `instance`, and takes every event. */
export function taking(instance: string): Answering {
	return ({ url, body }, response) => {
		response.setHeader('content-type', 'application/json');
		if (url === '/api/server') return response.end(JSON.stringify({ product: 'callmeter', version: '1', instance }));
		return response.end(JSON.stringify(receipts(body)));
	};
}

/** What a server answers that has taken every event of a request. */
export function receipts(body: string) {
	const { events } = JSON.parse(body) as { events: unknown[] };
	const receipt = { id: 'id', hash: 'hash', callId: 'call', outcome: 'appended', error: null };
	return { events: events.map(() => receipt), rejected: 0 };
}

async function textOf(request: IncomingMessage): Promise<string> {
	let text = '';
	request.setEncoding('utf8');
	for await (const part of request) text += part;
	return text;
}
