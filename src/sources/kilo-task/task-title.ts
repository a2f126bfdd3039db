const maxLength = 300;

/** The user's first words as a task's title; `null` when there are none. */
export function titleOf(text: string | null | undefined): string | null {
	const plain = text?.trim();
	if (plain === undefined || plain === '') return null;
	return plain.length > maxLength ? `${plain.slice(0, maxLength - 1)}…` : plain;
}
