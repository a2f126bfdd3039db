/** Deeper than any real tool argument or JSON schema; stops cycles as well. */
const maxDepth = 64;

/**
 * A copy of foreign JSON-like data that later changes to the original do not reach. Text is shared, not copied
 * (strings never change), so that a prompt of 600 KB costs a few hundred small objects. What JSON has no word for
 * (functions, symbols, cycles) is left out; binary data is kept as its size.
 */
export function snapshotValue(value: unknown, depth = 0): unknown {
	if (typeof value === 'bigint') return value.toString();
	if (typeof value === 'function' || typeof value === 'symbol') return undefined;
	if (typeof value !== 'object' || value === null) return value;
	if (depth >= maxDepth) return undefined;
	if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return { type: 'binary', bytes: value.byteLength };
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
	if (Array.isArray(value)) return value.map((item) => snapshotValue(item, depth + 1) ?? null);
	return snapshotRecord(value, depth);
}

/** The same for an object's own fields. */
export function snapshotRecord(value: object, depth = 0): Record<string, unknown> {
	const copy: Record<string, unknown> = {};
	for (const [key, field] of Object.entries(value)) {
		const kept = snapshotValue(field, depth + 1);
		// A plain assignment to this name would set the prototype instead.
		if (key === '__proto__') Object.defineProperty(copy, key, { value: kept, enumerable: true });
		else if (kept !== undefined) copy[key] = kept;
	}
	return copy;
}
