import * as z from 'zod';

/** A tool call that a model asked for. `arguments` is the parsed JSON; text that does not parse stays a string. */
export const toolCallSchema = z.object({
	id: z.string(),
	name: z.string(),
	arguments: z.unknown(),
});
export type ToolCall = z.infer<typeof toolCallSchema>;

/** One part of a message. Unknown parts (images, files, provider blocks) pass through as they are. */
export const contentPartSchema = z.looseObject({ type: z.string(), text: z.string().optional() });
export type ContentPart = z.infer<typeof contentPartSchema>;

/** A message as it is kept: the ingress shape of `ingress.ts`, with tool arguments of any JSON type. */
export const messageSchema = z.object({
	role: z.enum(['system', 'user', 'assistant', 'tool']),
	content: z.union([z.string(), z.array(contentPartSchema)]),
	/** For role `tool`: the id of the tool call that this answers. */
	toolCallId: z.string().optional(),
	/** For role `assistant`: what the model asked for. */
	toolCalls: z.array(toolCallSchema).optional(),
});
export type Message = z.infer<typeof messageSchema>;

/** A tool offered to the model. `parameters` is its JSON schema. */
export const toolDefinitionSchema = z.object({
	name: z.string(),
	description: z.string().optional(),
	parameters: z.record(z.string(), z.unknown()).optional(),
});
export type ToolDefinition = z.infer<typeof toolDefinitionSchema>;
