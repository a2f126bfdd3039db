import { eventReceiptsSchema } from '../core/outside/event-input.ts';
import { CallmeterError } from './callmeter-error.ts';
import { ConnectionError, jsonIn, type ServerAnswer, type ServerConnection } from './server-connection.ts';
import { asProblem, noServer, problemIn, problemOf } from './server-problem.ts';

/** A way to a server, kept while it answers. */
export interface Way {
	/** `null`: there is none. May reject. */
	connect(): Promise<ServerConnection | null>;
	/** It does not answer as it should: the next `connect` looks again. */
	forget(): void;
}

export type PostOutcome =
	/** The server at `url` has looked at them. Of each event, in their order: `null`, or what is wrong with it. */
	| { kind: 'taken'; url: string; wrong: readonly (string | null)[] }
	/** They should wait, at least for `afterMs`. */
	| { kind: 'unavailable'; problem: CallmeterError; afterMs: number };

/** Longest wait that a server may ask for, ms. */
const longestWaitMs = 300_000;

/** Sends events, each as JSON, in one request; in several where the server finds that too much. Never rejects. */
export async function postEvents(events: readonly string[], way: Way): Promise<PostOutcome> {
	// A server that went away may be back on another port: look once more.
	for (const last of [false, true]) {
		let answer: ServerAnswer;
		let url: string;
		try {
			const connection = await way.connect();
			if (connection === null) return unavailable(new CallmeterError('unavailable', noServer));
			answer = await connection.ask('POST', '/api/events', `{"events":[${events.join(',')}]}`);
			url = connection.address.url;
		} catch (error) {
			way.forget();
			if (!last && error instanceof ConnectionError && error.reason !== 'late') continue;
			return unavailable(asProblem(error));
		}
		const { status } = answer;
		if (status === 413 && events.length > 1) return postHalves(events, way);
		if (status < 300 || status === 400 || status === 413 || status === 415) {
			return { kind: 'taken', url, wrong: wrongWith(answer, events.length) };
		}
		const maybeAnother = status === 401 || status === 403 || status === 404;
		if (maybeAnother) way.forget();
		if (!maybeAnother || last) return unavailable(problemOf(answer), askedWaitMs(answer));
	}
	return unavailable(new CallmeterError('unavailable', noServer));
}

async function postHalves(events: readonly string[], way: Way): Promise<PostOutcome> {
	const middle = Math.ceil(events.length / 2);
	const first = await postEvents(events.slice(0, middle), way);
	if (first.kind === 'unavailable') return first;
	const second = await postEvents(events.slice(middle), way);
	return second.kind === 'unavailable' ? second : { ...second, wrong: [...first.wrong, ...second.wrong] };
}

/** Without a receipt of each event, none was taken. */
function wrongWith(answer: ServerAnswer, sent: number): (string | null)[] {
	const receipts = eventReceiptsSchema.safeParse(jsonIn(answer.text));
	if (!receipts.success || receipts.data.events.length !== sent) {
		return Array.from({ length: sent }, () => problemIn(answer));
	}
	return receipts.data.events.map(({ outcome, error }) =>
		outcome === 'rejected' ? (error ?? 'no reason given') : null,
	);
}

function unavailable(problem: CallmeterError, afterMs = 0): PostOutcome {
	return { kind: 'unavailable', problem, afterMs };
}

function askedWaitMs({ headers }: ServerAnswer): number {
	const ms = Number(headers['retry-after']) * 1_000;
	return ms > 0 ? Math.min(ms, longestWaitMs) : 0;
}
