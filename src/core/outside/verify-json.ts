/** What HTTP and `callmeter verify --json` answer: whether a ledger still holds what was recorded. */
export interface VerifyJson {
	ok: boolean;
	/** Sessions and events that were looked at. */
	sessions: number;
	events: number;
	/** The first thing that is wrong; `null`: nothing is. */
	firstBroken: {
		/** `null`: sums over time are wrong, which are of no one session. */
		sessionId: string | null;
		/** The place of the event in its session, from 1. */
		seq: number | null;
		eventId: string | null;
		problem: 'hash' | 'prevHash' | 'missing' | 'content' | 'row' | 'sums';
	} | null;
	/** What this check can and cannot see, in a sentence. */
	note: string;
}

/** What is needed of the ledger's own report: there, an empty id stands for none. */
interface Report extends Omit<VerifyJson, 'firstBroken'> {
	firstBroken: {
		sessionId: string;
		seq: number;
		eventId: string;
		problem: NonNullable<VerifyJson['firstBroken']>['problem'];
	} | null;
}

export function verifyJson({ ok, sessions, events, firstBroken, note }: Report): VerifyJson {
	return {
		ok,
		sessions,
		events,
		firstBroken: firstBroken && {
			sessionId: firstBroken.sessionId || null,
			seq: firstBroken.sessionId === '' ? null : firstBroken.seq,
			eventId: firstBroken.eventId || null,
			problem: firstBroken.problem,
		},
		note,
	};
}
