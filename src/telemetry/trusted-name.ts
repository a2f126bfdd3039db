/**
 * Is this a name as models, providers and agents have: `anthropic/claude-sonnet-4-6`, `gpt-4o`, `llama3.1:8b`?
 *
 * VS Code blanks out what looks like a path, and would take a name with a slash for one unless it is told to trust it.
 * What really is a path (a model file on disk), an address of a person or a URL is not a name, and VS Code may have it.
 */
export function isTrustedName(text: string): boolean {
	return text.length <= 200 && /^@?[a-z\d][\w.+:-]*(@[\w-]+)?(\/[a-z\d][\w.+:-]*(@[\w-]+)?)*$/i.test(text);
}
