/**
 * Writes a value as indented JSON and stops after about `limit` characters, so that a huge argument costs no more than
 * what is shown of it. `complete` tells whether all of it is there.
 */
export function jsonText(value: unknown, limit: number): { text: string; complete: boolean } {
	const writer = new Writer(limit);
	const complete = writer.write(value, 0);
	return { text: writer.parts.join(''), complete };
}

/** Deeper than any real argument or schema, and far from exhausting a stack. */
const maxDepth = 200;

class Writer {
	readonly parts: string[] = [];
	#left: number;

	constructor(limit: number) {
		this.#left = limit;
	}

	/** Writes on until the budget is spent; `false`: it was. */
	write(value: unknown, depth: number): boolean {
		if (depth > maxDepth && typeof value === 'object' && value !== null) return this.#put('"…"');
		if (Array.isArray(value)) return this.#writeItems('[', ']', value, depth, (item) => this.write(item, depth + 1));
		if (typeof value === 'object' && value !== null) {
			return this.#writeItems('{', '}', Object.entries(value), depth, ([key, member]) => {
				return this.#put(`${JSON.stringify(key)}: `) && this.write(member, depth + 1);
			});
		}
		if (typeof value === 'string' && value.length > this.#left) {
			this.#put(JSON.stringify(value.slice(0, this.#left)).slice(0, -1));
			return false;
		}
		return this.#put(JSON.stringify(value) ?? 'null');
	}

	#writeItems<T>(open: string, close: string, items: T[], depth: number, writeItem: (item: T) => boolean): boolean {
		if (items.length === 0) return this.#put(open + close);
		if (!this.#put(open)) return false;
		const indent = `\n${'  '.repeat(Math.min(depth, 40) + 1)}`;
		for (const [index, item] of items.entries()) {
			if (!this.#put(index === 0 ? indent : `,${indent}`) || !writeItem(item)) return false;
		}
		return this.#put(`\n${'  '.repeat(Math.min(depth, 40))}${close}`);
	}

	#put(text: string): boolean {
		this.parts.push(text);
		this.#left -= text.length;
		return this.#left > 0;
	}
}
