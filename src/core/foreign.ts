/**
 * Reading objects that other extensions own. Anything may be missing, of another type, or throw when it is read;
 * none of that may reach the agent, so each of these answers "absent" instead.
 */

/** `object[key]`, or `undefined` if there is no such thing or reading it throws. */
export function peek(object: unknown, key: string): unknown {
	if ((typeof object !== 'object' && typeof object !== 'function') || object === null) return undefined;
	try {
		return Reflect.get(object, key);
	} catch {
		return undefined;
	}
}

/** The result of `object[method]()`, or `undefined` if it has no such method or that throws. */
export function ask(object: unknown, method: string): unknown {
	const found = peek(object, method);
	if (typeof found !== 'function') return undefined;
	try {
		return Reflect.apply(found, object, []);
	} catch {
		return undefined;
	}
}

/** The first that is a string with something in it; `null` if none is. */
export function firstText(...candidates: unknown[]): string | null {
	for (const candidate of candidates) if (typeof candidate === 'string' && candidate !== '') return candidate;
	return null;
}

/** Is it worth awaiting? */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
	return typeof peek(value, 'then') === 'function';
}
