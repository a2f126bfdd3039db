import { randomUUID } from 'node:crypto';
import { isThenable, peek } from '../../core/foreign.ts';
import { type CallContext, complain, guarded } from './call-context.ts';
import { CallRecorder } from './call-recorder.ts';
import { snapshotModel } from './foreign-model.ts';
import { ObservedStream } from './observed-stream.ts';
import { snapshotRequest } from './request-snapshot.ts';

/** Context of the next call, read when its request starts; `undefined`: the call goes unobserved. */
export type ContextSource = CallContext | (() => CallContext | undefined);

const defaultDrainMs = 5000;

/** The wrappers made here, each with the handler inside: what is observed already is not observed twice. */
const wrapped = new WeakMap<object, object>();

/**
 * Gives a handler that behaves as the one handed in and records each of its calls: an `llm_call` draft when a request
 * starts, an `llm_response` draft when it ends, for success, error and cancel alike, both handed to `context.sink`.
 *
 * `handler` is any object with `createMessage(systemPrompt, messages, metadata?)` that returns an async iterable of
 * chunks (or a promise of one) and, if it can tell, `getModel()`: Kilo's, Roo's and Cline's handlers and our own
 * `ApiHandler`. It is not changed; methods run on it with itself as `this`, so that a `createMessage` which it calls
 * on itself is its own affair and not recorded. One with a handler of its own inside is recorded once, as one call, as
 * long as only the outer one is wrapped. What a client library retries within one `createMessage` is one call, too.
 *
 * Neither this nor the handler it gives throws for a reason of ours; failures of ours go to `context.log`. Something
 * that is no handler comes back as it is; so does a handler that was wrapped before.
 */
export function wrapApiHandler<H extends object>(handler: H, context: ContextSource): H {
	if (wrapped.has(handler) || typeof peek(handler, 'createMessage') !== 'function') return handler;
	const wrapper = guarded(logOf(context), 'A handler could not be wrapped', () => makeWrapper(handler, context));
	if (wrapper === undefined) return handler;
	wrapped.set(wrapper, handler);
	return wrapper;
}

/** The handler inside a wrapper; anything else comes back as it is. */
export function unwrapApiHandler(handler: unknown): unknown {
	return typeof handler === 'object' && handler !== null ? (wrapped.get(handler) ?? handler) : handler;
}

function logOf(context: ContextSource): CallContext['log'] {
	return typeof context === 'function' ? undefined : context.log;
}

function makeWrapper<H extends object>(handler: H, context: ContextSource): H {
	const fallbackSession = randomUUID();
	const methods = new WeakMap<object, unknown>();

	/** The same function, but run on the real handler when it is called on the wrapper: private fields work then. */
	function onHandler(method: object): unknown {
		let bound = methods.get(method);
		if (bound === undefined) {
			bound = new Proxy(method, {
				apply: (target, self, args) => Reflect.apply(target as () => unknown, self === wrapper ? handler : self, args),
			});
			methods.set(method, bound);
		}
		return bound;
	}

	const createMessage = (...args: unknown[]): unknown => observe(handler, args, context, fallbackSession);
	// A proxy must tell the truth about a frozen property: a frozen handler gets an empty object in its place.
	const target = isFixed(handler, 'createMessage') ? (Object.create(handler) as H) : handler;
	const wrapper: H = new Proxy(target, {
		get(_, key) {
			if (key === 'createMessage') return createMessage;
			const value: unknown = Reflect.get(handler, key, handler);
			if (typeof value !== 'function' || key === 'constructor' || isFixed(target, key)) return value;
			return onHandler(value);
		},
		set: (_, key, value) => Reflect.set(handler, key, value, handler),
	});
	return wrapper;
}

function isFixed(object: object, key: PropertyKey): boolean {
	const own = Reflect.getOwnPropertyDescriptor(object, key);
	return own !== undefined && own.configurable === false && own.writable === false;
}

/** Runs one `createMessage`. Whatever goes wrong on our side, the agent gets what its handler gave. */
function observe(handler: object, args: unknown[], source: ContextSource, fallbackSession: string): unknown {
	const createMessage = Reflect.get(handler, 'createMessage', handler) as (...args: unknown[]) => unknown;
	const context = guarded(logOf(source), 'The context of a call could not be read', () =>
		typeof source === 'function' ? source() : source,
	);
	if (context === undefined) return Reflect.apply(createMessage, handler, args);

	const begin = (): CallRecorder | undefined =>
		guarded(context.log, 'A call could not be recorded', () => {
			const model = snapshotModel(handler, context);
			const call = new CallRecorder(context, model, snapshotRequest(args, handler, context), fallbackSession);
			call.start();
			return call;
		});
	// The body of a generator function runs at its first `next()`, and that is when the request starts.
	const early = tagOf(createMessage) === 'AsyncGeneratorFunction' ? undefined : begin();

	const fail = (error: unknown): never => {
		const call = early ?? begin();
		call?.announce();
		call?.end('failed', error);
		throw error;
	};
	const observed = (stream: unknown): unknown => {
		const iterator = guarded(context.log, 'A stream could not be read', () => iteratorOf(stream));
		if (iterator === undefined) {
			complain(context.log, 'createMessage gave no stream', undefined);
			return stream;
		}
		const drainMs = context.drainMs ?? defaultDrainMs;
		if (early === undefined) return new ObservedStream(iterator, begin, drainMs);
		if (tagOf(stream) === 'AsyncGenerator') {
			const restart = (): CallRecorder => {
				guarded(context.log, 'The clock could not be started anew', () => early.start());
				return early;
			};
			return new ObservedStream(iterator, restart, drainMs);
		}
		early.announce();
		return new ObservedStream(iterator, early, drainMs);
	};

	let stream: unknown;
	try {
		stream = Reflect.apply(createMessage, handler, args);
	} catch (error) {
		return fail(error);
	}
	return isThenable(stream) ? stream.then(observed, fail) : observed(stream);
}

function tagOf(value: unknown): string {
	return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

function iteratorOf(stream: unknown): AsyncIterator<unknown, unknown, unknown> | undefined {
	if (typeof stream !== 'object' || stream === null) return undefined;
	const open: unknown = Reflect.get(stream, Symbol.asyncIterator);
	return typeof open === 'function' ? Reflect.apply(open, stream, []) : undefined;
}
