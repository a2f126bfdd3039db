import * as z from 'zod';
import { describeIssues } from '../core/describe-issues.ts';
import {
	callFilterSchema,
	callSortSchema,
	granularitySchema,
	sessionSortSchema,
	timeRangeSchema,
} from '../core/views.ts';
import { LedgerError } from '../ledger/ledger.ts';

/** What other extensions hand to the API. They may be written in plain JavaScript: all of it is checked. */

const name = z.string().min(1).max(1000);

export const hookOptionsSchema = z.object({
	agentId: name,
	taskId: name.optional(),
	parentTaskId: name.optional(),
	mode: name.optional(),
	title: z.string().optional(),
	folder: z.string().optional(),
	billing: z.enum(['api', 'subscription']).optional(),
	provider: name.optional(),
	protocol: z.enum(['anthropic', 'openai', 'gemini']).optional(),
	costFrom: z.enum(['provider', 'agent']).optional(),
});

export const filterSchema = callFilterSchema.default({});

export const callQuerySchema = z.object({
	filter: filterSchema,
	sort: callSortSchema.default('newest'),
	offset: z.int().min(0).default(0),
	limit: z.int().min(1).max(5000).default(100),
});

export const sessionQuerySchema = callQuerySchema.extend({ sort: sessionSortSchema.default('newest') });

export const seriesQuerySchema = z.object({
	range: timeRangeSchema,
	granularity: granularitySchema,
	timeZone: z.string().min(1).max(64),
	filter: filterSchema,
});

/** @throws {LedgerError} `badInput` with the path of what is wrong. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
	const parsed = schema.safeParse(input);
	if (parsed.success) return parsed.data;
	throw new LedgerError('badInput', describeIssues(parsed.error));
}
