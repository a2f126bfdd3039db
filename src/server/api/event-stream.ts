import type * as z from 'zod';
import { ApiProblem } from './api-problem.ts';
import type { LiveCalls, LiveEvent } from './live-calls.ts';
import { isStreamEvent, type streamQuerySchema } from './queries.ts';

/** So that those between see that the stream is alive, in milliseconds. */
const heartbeatMs = 15_000;
/** When a reader comes again that lost its stream, in milliseconds. */
const retryMs = 2_000;
/** What waits for a reader, at most, in bytes. One that is slower is cut off, and comes again. */
const maxWaitingBytes = 1 << 20;
const maxStreams = 32;

/** Why a stream is broken off. */
export class TooSlow extends Error {
	constructor() {
		super('The reader of a stream is too slow.');
		this.name = 'TooSlow';
	}
}

/**
 * Streams of server-sent events (HTML Living Standard, 9.2). Each event has an id, `<instance>-<n>`; a reader that sends
 * the last one it saw is told what came since, or, where that is not known any more, `reset`: it should ask anew.
 */
export class EventStreams {
	readonly #live: LiveCalls;
	readonly #instance: string;
	readonly #open = new Set<() => void>();

	constructor(live: LiveCalls, instance: string) {
		this.#live = live;
		this.#instance = instance;
	}

	/** @throws {ApiProblem} 429 when too many are open. */
	open(query: z.output<typeof streamQuerySchema>, lastEventId: string | null): ReadableStream<Uint8Array> {
		if (this.#open.size >= maxStreams) {
			throw new ApiProblem(429, `At most ${maxStreams} streams at once.`, { retryAfterSeconds: retryMs / 1000 });
		}
		const wanted = new Set(query.events?.split(',').filter(isStreamEvent));
		const passes = ({ event, sessionId }: LiveEvent) =>
			(wanted.size === 0 || wanted.has(event)) && (query.sessionId === undefined || sessionId === query.sessionId);
		const encoder = new TextEncoder();
		let stop: () => void = () => undefined;
		return new ReadableStream<Uint8Array>(
			{
				start: (controller) => {
					const send = (text: string) => {
						const bytes = encoder.encode(text);
						controller.enqueue(bytes);
						if ((controller.desiredSize ?? 0) >= 0) return;
						stop();
						controller.error(new TooSlow());
					};
					const tell = (event: LiveEvent) => {
						if (passes(event)) send(this.#text(event));
					};
					const unsubscribe = this.#live.onEvent(tell);
					const heartbeat = setInterval(() => send(': alive\n\n'), heartbeatMs);
					const end = () => {
						stop();
						controller.close();
					};
					stop = () => {
						unsubscribe();
						clearInterval(heartbeat);
						this.#open.delete(end);
					};
					this.#open.add(end);
					send(`retry: ${retryMs}\n\n`);
					const missed = lastEventId === null ? [] : this.#after(lastEventId);
					if (missed === null) send(`id: ${this.#instance}-${this.#live.last}\nevent: reset\ndata: {}\n\n`);
					else for (const event of missed) tell(event);
				},
				cancel: () => stop(),
			},
			new ByteLengthQueuingStrategy({ highWaterMark: maxWaitingBytes }),
		);
	}

	/** Ends them all, as if nothing more were to come. */
	end(): void {
		for (const end of [...this.#open]) end();
	}

	#after(lastEventId: string): readonly LiveEvent[] | null {
		const at = lastEventId.lastIndexOf('-');
		const n = Number(lastEventId.slice(at + 1));
		return lastEventId.slice(0, at) === this.#instance && Number.isSafeInteger(n) ? this.#live.after(n) : null;
	}

	#text({ n, event, data }: LiveEvent): string {
		return `id: ${this.#instance}-${n}\nevent: ${event}\ndata: ${data}\n\n`;
	}
}
