import stringWidth from 'string-width';

/** Names and values, one line each, the values below each other. `width`: of the names, when other lines share it. */
export function lines(pairs: readonly (readonly [name: string, value: string])[], width?: number): string {
	const widest = width ?? Math.max(...pairs.map(([name]) => stringWidth(name)));
	return pairs
		.map(([name, value]) => `${name}${' '.repeat(Math.max(0, widest - stringWidth(name)))}  ${value}`.trimEnd())
		.join('\n');
}
