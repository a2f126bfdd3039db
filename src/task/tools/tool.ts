import * as z from 'zod';
import type { ToolDefinition } from '../../core/message.ts';
import { ToolError } from './tool-error.ts';
import type { Workspace } from './workspace.ts';

/** What a tool works with. */
export interface ToolContext {
	workspace: Workspace;
	signal: AbortSignal;
}

/** A tool that the model may call. Its text goes back to the model; so does the message of a `ToolError`. */
export interface Tool {
	definition: ToolDefinition;
	run(args: unknown, context: ToolContext): Promise<string>;
}

/** A tool whose arguments are checked against `schema`, which is also what the model is told about them. */
export function defineTool<S extends z.ZodType>(
	name: string,
	description: string,
	schema: S,
	run: (args: z.infer<S>, context: ToolContext) => Promise<string>,
): Tool {
	const { $schema: _, ...parameters } = z.toJSONSchema(schema, { io: 'input' });
	return {
		definition: { name, description, parameters },
		async run(args, context) {
			const parsed = schema.safeParse(args);
			if (!parsed.success) throw new ToolError('badArguments', z.prettifyError(parsed.error));
			return run(parsed.data, context);
		},
	};
}
