import { setImmediate } from 'node:timers/promises';
import { isThenable, peek } from '../../core/foreign.ts';
import type { CallRecorder } from './call-recorder.ts';

type Step = IteratorResult<unknown, unknown>;

const done: Step = { done: true, value: undefined };
/** How long a consumer's own `return()` waits for a stream that may hang, in ms. */
const closeGraceMs = 100;
/** After so many chunks, draining lets others run. */
const drainBatch = 32;

/** A consumer may drop a stream without a word; its record then closes when the stream is collected as garbage. */
const dropped = new FinalizationRegistry<CallRecorder>((call) => call.end('stopped'));

/**
 * Stands between a stream and its consumer: passes every step on as it is and shows it to the recorder.
 *
 * What the consumer does decides what happens to the request:
 * - reads to the end: nothing, the record closes with the stream;
 * - stops early (`break` out of a `for await`, which calls `return()` without an argument): it goes on at once, while
 *   the rest of the stream is read in the background, for a limited time, since the usage comes last;
 * - cancels (the signal, `return(value)`, `throw(error)`, or the agent says that it gave up): that is forwarded at
 *   once and nothing more is read, for it would be billed.
 *
 * It never waits for a hung stream, and never ends one that its consumer still reads.
 */
export class ObservedStream implements AsyncGenerator<unknown, unknown, unknown> {
	readonly #inner: AsyncIterator<unknown, unknown, unknown>;
	readonly #drainMs: number;
	#start: (() => CallRecorder | undefined) | null;
	#call: CallRecorder | undefined;
	#closed = false;

	/**
	 * `call` is the recorder of a request that has started, or what starts one: for a generator that is at its first
	 * `next()`.
	 */
	constructor(
		inner: AsyncIterator<unknown, unknown, unknown>,
		call: CallRecorder | (() => CallRecorder | undefined),
		drainMs: number,
	) {
		this.#inner = inner;
		this.#drainMs = drainMs;
		this.#start = typeof call === 'function' ? call : null;
		this.#call = typeof call === 'function' ? undefined : call;
		if (this.#call !== undefined) dropped.register(this, this.#call, this);
	}

	next(...args: [] | [unknown]): Promise<Step> {
		if (this.#closed) return Promise.resolve(done);
		const start = this.#start;
		const first = start !== null;
		if (first) {
			this.#start = null;
			this.#call = start();
			if (this.#call !== undefined) dropped.register(this, this.#call, this);
		}
		let step: unknown;
		try {
			step = this.#inner.next(...args);
		} catch (error) {
			if (first) this.#call?.announce();
			this.#call?.end('failed', error);
			throw error;
		}
		// After `next()`: the request is on its way before we do anything with its content.
		if (first) this.#call?.announce();
		return toPromise(step).then(this.#onStep, this.#onFault);
	}

	return(...args: [] | [unknown]): Promise<Step> {
		const call = this.#call;
		if (this.#closed) return Promise.resolve({ done: true, value: args[0] });
		this.#closed = true;
		if (call === undefined || call.over) return this.#close(args);
		const cancelled = args.length > 0 || call.cancelled;
		if (cancelled || call.complete) {
			try {
				return this.#close(args);
			} finally {
				call.end(cancelled ? 'cancelled' : 'done');
			}
		}
		// The draining goes on without this object, which may be collected meanwhile.
		dropped.unregister(this);
		void drain(this.#inner, call, this.#drainMs);
		return Promise.resolve({ done: true, value: undefined });
	}

	/** Passed on as it is: a generator may catch what is thrown in and go on. One that does not answer is given up. */
	throw(...args: [] | [unknown]): Promise<Step> {
		const method = this.#closed ? undefined : this.#inner.throw;
		if (method === undefined) {
			const closing = this.return(undefined);
			return closing.then(() => Promise.reject(args[0]));
		}
		const answer = toPromise(Reflect.apply(method, this.#inner, args));
		this.#call?.giveUp();
		return answer.then(this.#onStep, this.#onFault);
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.return();
	}

	readonly #onStep = (step: Step): Step => {
		if (peek(step, 'done') === true) this.#call?.end('done');
		else this.#call?.see(peek(step, 'value'));
		return step;
	};

	readonly #onFault = (error: unknown): never => {
		this.#call?.end('failed', error);
		throw error;
	};

	/** Forwards `return` at once; a stream that does not answer in time is taken for closed. */
	#close(args: [] | [unknown]): Promise<Step> {
		const method = this.#inner.return;
		if (method === undefined) return Promise.resolve({ done: true, value: args[0] });
		const closing = toPromise(Reflect.apply(method, this.#inner, args));
		return within(closing, closeGraceMs, { done: true, value: args[0] });
	}
}

/** Reads on for the usage, until the stream ends, the time is over, or the agent gives the request up. */
async function drain(
	inner: AsyncIterator<unknown, unknown, unknown>,
	call: CallRecorder,
	limitMs: number,
): Promise<void> {
	let giveUp: (why: 'stopped' | 'cancelled') => void = () => undefined;
	const givenUp = new Promise<'stopped' | 'cancelled'>((resolve) => {
		giveUp = resolve;
	});
	const timer = setTimeout(giveUp, limitMs, 'stopped').unref();
	call.onCancel(() => giveUp('cancelled'));
	try {
		for (let read = 1; !call.over; read++) {
			// A stream that always has the next chunk ready would leave no time for timers, nor for anyone else.
			if (read % drainBatch === 0) await setImmediate();
			const step = await Promise.race([givenUp, toPromise(inner.next())]);
			if (step === 'stopped' || step === 'cancelled') {
				abandon(inner);
				call.end(step);
			} else if (step.done === true) call.end('done');
			else call.see(step.value);
		}
	} catch (error) {
		call.end('failed', error);
	} finally {
		clearTimeout(timer);
	}
}

/** Tells a stream that nobody wants more of it, without waiting for its answer. */
function abandon(inner: AsyncIterator<unknown, unknown, unknown>): void {
	try {
		const answer: unknown = inner.return?.();
		if (isThenable(answer)) answer.then(undefined, () => undefined);
	} catch {
		// It is given up in any case.
	}
}

function toPromise(step: unknown): Promise<Step> {
	return Promise.resolve(step as Step | PromiseLike<Step>);
}

async function within<T>(promise: Promise<T>, limitMs: number, otherwise: T): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<T>((resolve) => {
		timer = setTimeout(resolve, limitMs, otherwise);
	});
	try {
		return await Promise.race([promise, limit]);
	} finally {
		clearTimeout(timer);
	}
}
