import { firstText, peek } from '../core/foreign.ts';
import type { ToolDefinition } from '../core/message.ts';
import { snapshotRecord } from '../core/snapshot-value.ts';

/**
 * Tool definitions as agents hold them: ours, OpenAI's `{ type: 'function', function: { name, parameters } }` or
 * Anthropic's `{ name, input_schema }`. One without a name is left out.
 */
export function normaliseTools(tools: unknown): ToolDefinition[] {
	if (!Array.isArray(tools)) return [];
	return tools.flatMap((tool) => {
		const fn = peek(tool, 'function') ?? tool;
		const name = firstText(peek(fn, 'name'));
		if (name === null) return [];
		const description = firstText(peek(fn, 'description'));
		const schema = peek(fn, 'parameters') ?? peek(fn, 'input_schema') ?? peek(fn, 'inputSchema');
		return [
			{
				name,
				...(description === null ? {} : { description }),
				...(typeof schema === 'object' && schema !== null ? { parameters: snapshotRecord(schema) } : {}),
			},
		];
	});
}
