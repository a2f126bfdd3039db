/** Nesting beyond this is no honest record: it would only exhaust the stack. */
const MAX_DEPTH = 1000;

/** Thrown for what JSON cannot say. `path` is where it stands, such as `parameters.top.0`. */
export class CanonicalJsonError extends Error {
	readonly reason: 'notFinite' | 'notJson' | 'tooDeep';
	constructor(reason: CanonicalJsonError['reason'], message: string) {
		super(message);
		this.name = 'CanonicalJsonError';
		this.reason = reason;
	}
}

/**
 * JSON text in the one canonical form of RFC 8785: keys sorted by UTF-16 code units, no white space, numbers as
 * ECMAScript writes them. Equal values give equal text, so that a hash over it can be made again later.
 *
 * Where RFC 8785 leaves no way: a lone surrogate becomes U+FFFD (`toWellFormed`, in keys too), a member that is
 * `undefined` is left out, and `undefined` in an array is `null`, as JSON.stringify does.
 *
 * @throws {CanonicalJsonError} for NaN, infinities, bigints, functions, symbols, a bare `undefined`, and nesting over 1,000.
 */
export function canonicalJson(value: unknown): string {
	return write(value, 0);
}

function write(value: unknown, depth: number): string {
	switch (typeof value) {
		case 'string':
			return JSON.stringify(value.toWellFormed());
		case 'number':
			if (!Number.isFinite(value)) {
				throw new CanonicalJsonError('notFinite', `${value} has no form in JSON: store null instead.`);
			}
			// JSON.stringify would do, and costs more; only -0 differs, which RFC 8785 writes as 0.
			return value === 0 ? '0' : String(value);
		case 'boolean':
			return value ? 'true' : 'false';
		case 'object':
			if (value === null) return 'null';
			if (depth >= MAX_DEPTH) {
				throw new CanonicalJsonError('tooDeep', `The value is nested deeper than ${MAX_DEPTH} levels.`);
			}
			return Array.isArray(value) ? writeArray(value, depth + 1) : writeObject(value, depth + 1);
		default:
			throw new CanonicalJsonError('notJson', `A ${typeof value} has no form in JSON.`);
	}
}

function writeArray(array: readonly unknown[], depth: number): string {
	let text = '[';
	for (let i = 0; i < array.length; i++) {
		const item = array[i];
		if (i > 0) text += ',';
		text += item === undefined ? 'null' : write(item, depth);
	}
	return `${text}]`;
}

function writeObject(object: object, depth: number): string {
	if ('toJSON' in object && typeof object.toJSON === 'function') return write(object.toJSON(), depth);
	let text = '{';
	for (const [key, name] of sortedKeys(object)) {
		const member: unknown = Reflect.get(object, key);
		if (member === undefined) continue;
		text += text.length > 1 ? `,${name}:` : `${name}:`;
		text += write(member, depth);
	}
	return `${text}}`;
}

/** The keys in canonical order, each with its JSON text. */
function sortedKeys(object: object): readonly (readonly [string, string])[] {
	const keys = Object.keys(object);
	const [first] = keys;
	if (first === undefined) return [];
	const alike = shapes.get(first);
	const known = alike?.find((shape) => sameKeys(shape.keys, keys));
	if (known) return known.sorted;
	const sorted = keys
		.map((key) => [key, key.toWellFormed()] as const)
		.sort(([a, wellA], [b, wellB]) => compare(wellA, wellB) || compare(a, b))
		.map(([key, well]) => [key, JSON.stringify(well)] as const);
	if (shapes.size < MAX_SHAPES && (alike?.length ?? 0) < MAX_ALIKE && keys.join('').length < MAX_SHAPE_CHARS) {
		if (alike) alike.push({ keys, sorted });
		else shapes.set(first, [{ keys, sorted }]);
	}
	return sorted;
}

interface Shape {
	/** In the order in which the object has them. */
	keys: readonly string[];
	sorted: readonly (readonly [string, string])[];
}

/**
 * Sorted keys by shape: events have few shapes, and sorting costs more than writing. Found by the first key and then
 * compared key by key, which costs less than making one text of them all.
 */
const shapes = new Map<string, Shape[]>();
const MAX_SHAPES = 500;
const MAX_ALIKE = 16;
const MAX_SHAPE_CHARS = 1000;

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
