/** Hides a user's home in all texts of a value: `/home/ada/p` becomes `~/p`. `homes`: absolute, the same home by each of its names. */
export function withoutHome<T>(value: T, homes: readonly string[]): T {
	const names = homes.filter((home) => home.length > 1).map((home) => home.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
	if (names.length === 0) return value;
	const pattern = new RegExp(`(?<![\\w/\\\\.~-])(?:${names.join('|')})(?![\\w.-])`, 'g');
	const hide = (each: unknown): unknown => {
		if (typeof each === 'string') return each.replaceAll(pattern, '~');
		if (Array.isArray(each)) return each.map(hide);
		if (typeof each !== 'object' || each === null) return each;
		return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, hide(inner)]));
	};
	return hide(value) as T;
}

/** A path as a POSIX shell takes it, with `~` for the home. */
export function shellPath(path: string, home: string): string {
	if (path === home) return '~';
	return path.startsWith(`${home}/`) ? `~/${quoted(path.slice(home.length + 1))}` : quoted(path);
}

function quoted(text: string): string {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
