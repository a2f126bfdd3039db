import { portableSchema } from '../../../src/core/outside/portable-schema.ts';
import { questions } from '../../../src/ledger/answers/questions.ts';
import { logCallTool } from '../../../src/mcp/log-llm-call.ts';
import { type Field, fieldsOf, type JsonSchema, outline, typeText } from './json-schema.ts';

/** Every MCP tool: what it is for, what it takes, what it answers. */
export function mcpReference(): string {
	return [logCallTool, ...Object.values(questions)]
		.map(({ name, description, input, output }) =>
			[
				`### ${name}`,
				`${description}`,
				parameters(portableSchema(input, 'input') as JsonSchema),
				`Answers, beside a text that says the same:\n\n\`\`\`jsonc\n${outline(portableSchema(output, 'output') as JsonSchema)}\n\`\`\``,
			].join('\n\n'),
		)
		.join('\n\n');
}

function parameters(input: JsonSchema): string {
	const rows = fieldsOf(input)
		.filter(isShown)
		.map(({ name, schema, required }) => {
			const limits = limitsOf(schema);
			const type = limits === '' ? typeText(schema) : `${typeText(schema)}, ${limits}`;
			return `| \`${name}\` | ${type} | ${required ? 'required' : ''} | ${schema.description ?? ''} |`;
		});
	return ['| parameter | type | | |', '|---|---|---|---|', ...rows].join('\n');
}

/** What stands in messages, tool calls and definitions is that of the events, which have a page of their own. */
function isShown({ name }: Field): boolean {
	return !name.includes('.') || name.startsWith('usage.') || name.startsWith('error.');
}

function limitsOf({ type, minimum, maximum, maxLength }: JsonSchema): string {
	if (type === 'string') return maxLength === undefined ? '' : `at most ${maxLength} characters`;
	if (maximum !== undefined) return `${minimum ?? 0} to ${maximum}`;
	return '';
}
