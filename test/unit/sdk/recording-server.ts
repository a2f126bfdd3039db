import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { ServerList } from '../../../src/server/discovery/server-list.ts';
import { serversDirectory } from '../../../src/server/discovery/server-place.ts';
import { serverProof } from '../../../src/server/discovery/server-proof.ts';

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

/** Says that it is `instance`, proves it with the token of this user or another, and takes every event. */
export function taking(instance: string, token = tokenOfUser): Answering {
	return ({ url, body }, response) => {
		response.setHeader('content-type', 'application/json');
		if (asksWho({ url })) {
			const challenge = new URL(url, 'http://localhost').searchParams.get('challenge') ?? '';
			const proof = serverProof(token(), response.socket?.localPort ?? 0, challenge);
			return response.end(JSON.stringify({ product: 'callmeter', version: '1', instance, proof }));
		}
		return response.end(JSON.stringify(receipts(body)));
	};
}

/** A request of whoever does not know yet who is there. */
export function asksWho({ url }: Pick<Asked, 'url'>): boolean {
	return url.startsWith('/api/server?');
}

function tokenOfUser(): string {
	const surroundings = { platform: process.platform, home: homedir(), env: process.env };
	return new ServerList(serversDirectory(surroundings)).token() ?? '';
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
