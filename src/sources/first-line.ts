const maxLength = 120;

/** The first line with something in it, at most 120 characters: a task's title. `null` when there is none. */
export function firstLineOf(text: string | null | undefined): string | null {
	const line = text?.trim().split('\n', 1)[0]?.trim() ?? '';
	if (line === '') return null;
	return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}
