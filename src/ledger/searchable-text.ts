/** A run of base 64 longer than this is a file, not words. */
const MAX_ENCODED_RUN = 512;
const ENCODED = /^[A-Za-z0-9+/_=-]+$/;

/** Members of a content part that name or number things rather than say something. */
const SILENT = new Set([
	'type',
	'id',
	'tool_use_id',
	'toolCallId',
	'tool_call_id',
	'role',
	'media_type',
	'cache_control',
	'signature',
	'data',
]);

/**
 * The words of a stored text: for a message its text, the names and arguments of its tool calls and tool results; for a
 * list of tools names, descriptions and parameters. Left out are ids, images and files in base 64.
 */
export function searchableText(json: string): string {
	const parts: string[] = [];
	collect(JSON.parse(json), parts);
	return parts.join('\n');
}

function collect(value: unknown, parts: string[]): void {
	if (typeof value === 'string') {
		if (value.length <= MAX_ENCODED_RUN || !ENCODED.test(value)) parts.push(value);
	} else if (Array.isArray(value)) {
		for (const item of value) collect(item, parts);
	} else if (typeof value === 'object' && value !== null) {
		for (const [key, member] of Object.entries(value)) {
			if (!SILENT.has(key)) collect(member, parts);
		}
	}
}
