import type * as z from 'zod';
import { describeIssues } from '../../core/describe-issues.ts';
import { LedgerError, type LedgerErrorReason } from '../../ledger/ledger.ts';

type Status = 400 | 404 | 413 | 429 | 500 | 503;

/** What a client is told instead of an answer. */
export class ApiProblem extends Error {
	readonly status: Status;
	/** What is wrong, each with the path of the offending field. */
	readonly issues: readonly { path: string; message: string }[] | null;
	/** When to come again, in seconds; `null`: it would help nothing. */
	readonly retryAfterSeconds: number | null;

	constructor(
		status: Status,
		message: string,
		{
			issues = null,
			retryAfterSeconds = null,
		}: { issues?: ApiProblem['issues']; retryAfterSeconds?: number | null } = {},
	) {
		super(message);
		this.name = 'ApiProblem';
		this.status = status;
		this.issues = issues;
		this.retryAfterSeconds = retryAfterSeconds;
	}

	/** Of what a schema refused. */
	static ofInput(error: z.ZodError): ApiProblem {
		const issues = error.issues.map((issue) => ({ path: pathOf(issue), message: issue.message }));
		return new ApiProblem(400, describeIssues(error), { issues });
	}

	/** Of one field. */
	static ofField(path: string, message: string): ApiProblem {
		return new ApiProblem(400, `${path}: ${message}`, { issues: [{ path, message }] });
	}

	/** Of whatever was thrown. What is no one's fault but ours is told without its words. */
	static of(error: unknown): ApiProblem {
		if (error instanceof ApiProblem) return error;
		if (!(error instanceof LedgerError) || error.reason === 'internal') {
			return new ApiProblem(500, 'The request could not be handled.');
		}
		if (error.reason === 'badInput') return new ApiProblem(400, error.message);
		return new ApiProblem(503, notTaken[error.reason] ?? error.message, { retryAfterSeconds: comeAgainSeconds });
	}
}

const comeAgainSeconds = 5;

/** Where the ledger's own words promise what is true of the window's calls alone: of a request nothing is kept for later. */
const notTaken: Partial<Record<LedgerErrorReason, string>> = {
	diskFull: 'The disk is full: not all of this could be recorded. Free some space, and send it again.',
	locked: 'Another program holds the ledger: not all of this could be recorded. Send it again.',
};

/** A name that does not exist is the field that is wrong. */
function pathOf(issue: z.core.$ZodIssue): string {
	const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
	return path.map(String).join('.');
}
