import * as z from 'zod';

/** What the probe of the index bench prints. */
export const importMeasuredSchema = z.object({
	/** From nothing being open to today's cost being right (`null`: it never was), and to all metadata being in the ledger. */
	todayMs: z.number().nullable(),
	allMs: z.number(),
	/** Looking at everything again. */
	unchangedMs: z.number(),
	appendP95Ms: z.number(),
	/** Of the whole process, at its peak. */
	aboveIdleMb: z.number(),
	/** 99th percentile of the host thread's event-loop delay. */
	delayAboveIdleMs: z.number(),
	/** Those of which the tokens are known. */
	calls: z.number(),
	inputTokens: z.number(),
	outputTokens: z.number(),
	costUsd: z.number(),
});
export type ImportMeasured = z.infer<typeof importMeasuredSchema>;
