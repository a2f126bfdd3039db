import * as z from 'zod';

/**
 * What Cline 4 and its command line keep of a session. Only what is read here is named; a field of another shape counts
 * as absent.
 */

const text = z.string().optional().catch(undefined);

/** `<session>.json`. */
export const manifestSchema = z.looseObject({
	status: text,
	started_at: text,
	provider: text,
	model: text,
	cwd: text,
	workspace_root: text,
	prompt: text,
	metadata: z
		.looseObject({
			title: text,
			fork: z.looseObject({ forkedFromSessionId: text }).optional().catch(undefined),
		})
		.optional()
		.catch(undefined),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** One of `messages` in `<session>.messages.json`: Anthropic's shape, whoever the provider is, and Cline's own marks. */
export const messageSchema = z.looseObject({
	id: z.string().min(1),
	role: z.string(),
	content: z.unknown(),
	/** Epoch milliseconds: of an answer, when it was complete. */
	ts: z.number().min(0).max(253_402_300_799_999).transform(Math.round).optional().catch(undefined),
	modelInfo: z.looseObject({ id: text, provider: text }).optional().catch(undefined),
	/** `inputTokens` counts cache reads and writes in. `cost` (USD) is there for models that Cline has a price for. */
	metrics: z
		.looseObject({ cost: z.number().min(0).optional().catch(undefined) })
		.optional()
		.catch(undefined),
});
export type SessionMessage = z.infer<typeof messageSchema>;
