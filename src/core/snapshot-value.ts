/** Deeper than any real tool argument or JSON schema, and far from exhausting a stack. */
const MAX_DEPTH = 200;

/** Stands in the copy for what was nested deeper than that. */
export const TOO_DEEP = '[not kept: nested too deeply]';

/**
 * A copy of foreign JSON-like data that later changes to the original do not reach. Text is shared, not copied
 * (strings never change), so that a prompt of 600 KB costs a few hundred small objects. What JSON has no word for
 * (functions, symbols, cycles) is left out, NaN and infinities become `null`; binary data is kept as its size.
 */
export function snapshotValue(value: unknown): unknown {
	return copy(value, []);
}

/** The same for an object's own fields. */
export function snapshotRecord(value: object): Record<string, unknown> {
	return copyRecord(value, []);
}

/** The value itself where JSON can say all of it, else its `snapshotValue`: nothing is copied without need. */
export function jsonValue(value: unknown): unknown {
	return isJson(value, 0) ? value : snapshotValue(value);
}

/** `within`: the objects around the value, which it may not contain again. */
function copy(value: unknown, within: readonly object[]): unknown {
	if (typeof value === 'bigint') return value.toString();
	if (typeof value === 'number') return Number.isFinite(value) ? value : null;
	if (typeof value === 'function' || typeof value === 'symbol') return undefined;
	if (typeof value !== 'object' || value === null) return value;
	if (within.includes(value)) return undefined;
	if (within.length >= MAX_DEPTH) return TOO_DEEP;
	if (isBinary(value)) return { type: 'binary', bytes: value.byteLength };
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
	if (!Array.isArray(value)) return copyRecord(value, within);
	const inside = [...within, value];
	return value.map((item) => copy(item, inside) ?? null);
}

function copyRecord(value: object, within: readonly object[]): Record<string, unknown> {
	const inside = [...within, value];
	const record: Record<string, unknown> = {};
	for (const [key, field] of Object.entries(value)) {
		const kept = copy(field, inside);
		// A plain assignment to this name would set the prototype instead.
		if (key === '__proto__') Object.defineProperty(record, key, { value: kept, enumerable: true });
		else if (kept !== undefined) record[key] = kept;
	}
	return record;
}

function isJson(value: unknown, depth: number): boolean {
	switch (typeof value) {
		case 'number':
			return Number.isFinite(value);
		case 'bigint':
		case 'function':
		case 'symbol':
			return false;
		case 'object':
			if (value === null) return true;
			if (depth >= MAX_DEPTH || isBinary(value) || value instanceof Date) return false;
			if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
			for (const key of Object.keys(value)) if (!isJson(Reflect.get(value, key), depth + 1)) return false;
			return true;
		default:
			return true;
	}
}

function isBinary(value: object): value is ArrayBuffer | ArrayBufferView {
	return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}
