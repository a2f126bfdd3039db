import type * as z from 'zod';

/** At most this many problems are spelled out: the rest are counted. */
const MAX_ISSUES = 5;

/**
 * One readable line for what a schema refused: where, and what to do.
 * `messages: messages is empty: …; usage.inputTokens: must be a whole number of tokens`. Holds no value of the input.
 *
 * @param within where the value that was checked stands in what the person sent
 */
export function describeIssues(error: z.ZodError, within: readonly PropertyKey[] = []): string {
	const issues = error.issues
		.flatMap((issue) => innermost(issue))
		.map((issue) => ({ ...issue, path: [...within, ...issue.path] }));
	const shown = issues.slice(0, MAX_ISSUES).map(describe);
	const more = issues.length - shown.length;
	return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ');
}

type Issue = Pick<z.core.$ZodIssue, 'path' | 'message'> & { errors?: unknown };

/** A union says only "invalid input": its single closest branch says more. */
function innermost(issue: z.core.$ZodIssue): Issue[] {
	if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return [issue];
	const branches = [...issue.errors].sort((a, b) => depth(b) - depth(a));
	const closest = branches[0];
	if (!closest || closest.length === 0) return [issue];
	return closest.flatMap((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] }));
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
	return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function describe({ path, message }: Issue): string {
	return path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message;
}
