/** What an `<environment_details>` block of a user message tells. */
export interface EnvironmentDetails {
	model: string | null;
	mode: string | null;
	/** Absolute working directory. Only the first message of a task has it. */
	folder: string | null;
}

/**
 * Reads the last `<environment_details>` block of a user message. Only a block that the agent itself put there counts,
 * one that begins with the tag: the same words inside a file that was read are the file's.
 */
export function environmentDetailsOf(content: unknown): EnvironmentDetails | null {
	const block = lastBlock(content);
	if (block === null) return null;
	return {
		model: /<model>\s*([^<]+?)\s*<\/model>/.exec(block)?.[1] ?? null,
		mode: /<slug>\s*([^<]+?)\s*<\/slug>/.exec(block)?.[1] ?? null,
		folder: /^# Current (?:Workspace|Working) Directory \((.+)\) Files\s*$/m.exec(block)?.[1] ?? null,
	};
}

function lastBlock(content: unknown): string | null {
	if (typeof content === 'string') return ownBlock(content);
	if (!Array.isArray(content)) return null;
	for (let at = content.length - 1; at >= 0; at--) {
		const part: unknown = content[at];
		if (typeof part !== 'object' || part === null) continue;
		const text: unknown = Reflect.get(part, 'text');
		const nested: unknown = Reflect.get(part, 'content');
		// Kilo puts its block inside the last tool result.
		const found = typeof text === 'string' ? ownBlock(text) : Array.isArray(nested) ? lastBlock(nested) : null;
		if (found !== null) return found;
	}
	return null;
}

function ownBlock(text: string): string | null {
	return text.trimStart().startsWith('<environment_details>') ? text : null;
}
