import * as z from 'zod';
import { CanonicalJsonError, canonicalJson } from '../../core/canonical-json.ts';
import { describeIssues } from '../../core/describe-issues.ts';
import { type EventLine, parseEventLine } from '../../core/export/event-line.ts';
import { RecentRequests } from '../../core/export/recent-requests.ts';
import { peek } from '../../core/foreign.ts';
import { MAX_COST_USD, MAX_DURATION_MS, MAX_TOKENS } from '../absurdity.ts';
import { canonicalEnvelope, sha256 } from '../event-log.ts';
import { type CheckedRequest, type CheckedResponse, checkedRequest, checkedResponse } from './checked-content.ts';
import { LineProblem } from './line-problem.ts';
import { storedForms } from './stored-forms.ts';

/** A line whose event matches its hash, follows the one before it in its session, and whose content is its own. */
export interface CheckedLine {
	line: EventLine;
	/** From 1. */
	number: number;
	/** Canonical JSON, as it was hashed. */
	payload: string;
	metadata: string;
	request: CheckedRequest | null;
	response: CheckedResponse | null;
}

/** Ten times what a call can be reported to cost: what is computed goes by tokens. */
const MAX_NANO_USD = MAX_COST_USD * 1e10;

/** Checks the lines of a file, one after the other, from the first on. */
export class LineChecker {
	/** The last event of each session, and where it stands. */
	readonly #heads = new Map<string, { hash: string; line: number }>();
	readonly #sent = new RecentRequests<CheckedRequest>();

	/** Sessions so far. */
	get sessions(): number {
		return this.#heads.size;
	}

	/**
	 * @param isEnd nothing comes after it, not even a line feed
	 * @throws {LineProblem}
	 */
	check(text: string, number: number, isEnd: boolean): CheckedLine {
		const raw = parse(text, number, isEnd);
		try {
			return this.#check(parseEventLine(raw), raw, number);
		} catch (error) {
			if (error instanceof z.ZodError) {
				throw new LineProblem('notAnEvent', number, `this is no event of Callmeter (${describeIssues(error)}).`);
			}
			if (error instanceof CanonicalJsonError) throw new LineProblem('notAnEvent', number, error.message);
			throw error;
		}
	}

	#check(line: EventLine, raw: unknown, number: number): CheckedLine {
		const metadata = canonicalJson(line.metadata);
		const payload = hashedForm(line, raw, metadata);
		if (payload === null) {
			throw new LineProblem('hash', number, 'the event does not match its hash: it was changed after it was recorded.');
		}
		this.#follow(line, number);
		if (isAbsurd(line)) throw new LineProblem('absurd', number, 'the event has figures that no call can have.');
		return { line, number, payload, metadata, ...this.#content(line, number) };
	}

	#follow({ sessionId, prevHash, hash }: EventLine, number: number): void {
		const head = this.#heads.get(sessionId);
		if (prevHash !== (head?.hash ?? null)) {
			const problem =
				head === undefined
					? 'the events before this one in its task are missing.'
					: `the event does not follow the one before it in its task, on line ${head.line}: lines are missing, or out of order.`;
			throw new LineProblem('chain', number, problem);
		}
		this.#heads.set(sessionId, { hash, line: number });
	}

	#content(line: EventLine, number: number): Pick<CheckedLine, 'request' | 'response'> {
		const none = { request: null, response: null };
		if (line.eventType === 'cost_tracked' || line.content === undefined) return none;
		if (line.eventType === 'llm_call') {
			const before = this.#sent.get(line.sessionId);
			const request = checkedRequest(line.id, line.payload, line.content, before);
			if (request !== null) {
				this.#sent.set(line.sessionId, request);
				return { ...none, request };
			}
		} else {
			const response = checkedResponse(line.payload, line.content);
			if (response !== null) return { ...none, response };
		}
		throw new LineProblem('content', number, 'the content is not what the event was recorded with.');
	}
}

/** The payload as the text that the event's hash is over; `null`: it is over another. */
function hashedForm(line: EventLine, raw: unknown, metadata: string): string | null {
	const rawPayload = peek(raw, 'payload') as Record<string, unknown>;
	for (const form of storedForms(line.eventType, line.payload, rawPayload)) {
		if (sha256(canonicalEnvelope(line, form, metadata)) === line.hash) return form;
	}
	return null;
}

function parse(text: string, number: number, isEnd: boolean): unknown {
	try {
		return JSON.parse(text);
	} catch {
		if (isEnd) throw new LineProblem('cutOff', number, 'the file ends in the middle of this line.');
		throw new LineProblem('notJson', number, 'this is no JSON.');
	}
}

/** What would make sums run over. The Recorder takes such figures out of what agents tell; a hashed event has to be right. */
function isAbsurd(line: EventLine): boolean {
	if (line.eventType === 'cost_tracked') return line.payload.costUsd > MAX_COST_USD;
	if (line.eventType === 'llm_call') return (line.payload.messageCount ?? 0) > MAX_TOKENS;
	const { usage, cost, latencyMs, timeToFirstTokenMs, completionTimeMs } = line.payload;
	return (
		Object.values(usage ?? {}).some((count) => (count ?? 0) > MAX_TOKENS) ||
		[cost.shownNanoUsd, cost.computedNanoUsd, cost.reportedNanoUsd].some((nano) => (nano ?? 0) > MAX_NANO_USD) ||
		[latencyMs, timeToFirstTokenMs, completionTimeMs].some((ms) => (ms ?? 0) > MAX_DURATION_MS)
	);
}
