import type { FromPanel, Notice, Replies, Request, ToPanel } from '../src/protocol/messages.ts';

/** The reply type of a request, found by its kind. */
export type ReplyTo<R extends Request> = Replies[R['kind']];

/** How the panel reaches the host: VS Code's API in the product, a stand-in in tests. */
export interface Transport {
	post(message: FromPanel): void;
	/** Returns the way to stop listening. */
	listen(receive: (message: ToPanel) => void): () => void;
}

/** Why a request has no answer. `reason` is the host's, or one of `timeout` and `disposed`. */
export class HostError extends Error {
	readonly reason: string;
	constructor(reason: string, message: string) {
		super(message);
		this.name = 'HostError';
		this.reason = reason;
	}
}

interface Waiting {
	resolve(value: Replies[Request['kind']]): void;
	reject(error: HostError): void;
	timer: ReturnType<typeof setTimeout> | undefined;
}

/** These are answered when a person has: that may take any time. */
const waitsForPerson: ReadonlySet<Request['kind']> = new Set(['save', 'priceModel']);

/**
 * Requests with typed replies, and notices, over `postMessage`.
 *
 * Every promise settles: with the reply, with the host's error, after `timeoutMs` unless it waits for a person, or when the
 * link is disposed.
 * Notices are full snapshots, so one that was missed needs no replay.
 */
export class HostLink {
	readonly #transport: Transport;
	readonly #timeoutMs: number;
	readonly #waiting = new Map<number, Waiting>();
	readonly #listeners = new Set<(notice: Notice) => void>();
	readonly #stop: () => void;
	#nextId = 0;
	#disposed = false;

	constructor(transport: Transport, timeoutMs = 30_000) {
		this.#transport = transport;
		this.#timeoutMs = timeoutMs;
		this.#stop = transport.listen((message) => this.#receive(message));
	}

	/** Tells the host that the page listens; it answers with the notices that describe the present. */
	ready(): void {
		this.#transport.post({ type: 'ready' });
	}

	/** Rejects with `HostError`. */
	request<R extends Request>(request: R): Promise<ReplyTo<R>> {
		if (this.#disposed) return Promise.reject(new HostError('disposed', 'The panel is closed.'));
		const id = this.#nextId++;
		return new Promise<Replies[Request['kind']]>((resolve, reject) => {
			const timer = waitsForPerson.has(request.kind) ? undefined : setTimeout(() => this.#giveUp(id), this.#timeoutMs);
			this.#waiting.set(id, { resolve, reject, timer });
			this.#transport.post({ type: 'request', id, request });
		}) as Promise<ReplyTo<R>>; // The host answers a request by the kind that it has: `Replies` is the contract.
	}

	/** Has the host log that something in the page threw. Give no content. */
	fault(message: string): void {
		this.#transport.post({ type: 'fault', message: message.slice(0, 4000) });
	}

	/** Returns the way to stop listening. */
	onNotice(listener: (notice: Notice) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	dispose(): void {
		if (this.#disposed) return;
		this.#disposed = true;
		this.#stop();
		this.#listeners.clear();
		for (const { reject, timer } of this.#waiting.values()) {
			clearTimeout(timer);
			reject(new HostError('disposed', 'The panel is closed.'));
		}
		this.#waiting.clear();
	}

	#giveUp(id: number): void {
		this.#waiting.get(id)?.reject(new HostError('timeout', 'The extension did not answer in time.'));
		this.#waiting.delete(id);
	}

	#receive(message: ToPanel): void {
		if (message.type === 'notice') {
			for (const listener of this.#listeners) listener(message.notice);
			return;
		}
		if (message.type !== 'reply') return;
		const waiting = this.#waiting.get(message.id);
		if (waiting === undefined) return;
		this.#waiting.delete(message.id);
		clearTimeout(waiting.timer);
		if (message.ok) waiting.resolve(message.value);
		else waiting.reject(new HostError(message.error.reason, message.error.message));
	}
}
