import {
	type Condense,
	condenseSchema,
	modelInfoSchema,
	type RequestInfo,
	type Row,
	requestInfoOf,
	requestInfoSchema,
} from './records.ts';

/** One `api_req_started` row and what the rows up to the next one tell of it. */
export interface RequestRow {
	ts: number;
	info: RequestInfo;
	/** Time of the row that says the stream failed, and of the last row before the next call that was kept. */
	failedAt: number | null;
	/** Another call, or the user's coming back to the task, shows that nothing more comes of this one. */
	passed: boolean;
	/** Cline names them in each row. */
	modelInfo: { model: string | null; provider: string | null; mode: string | null };
}

/** A row that stands for tokens of other calls together, or for a call without tokens. */
export interface SumRow {
	ts: number;
	say: 'deleted_api_reqs' | 'subagent_usage';
	info: RequestInfo;
}

export interface CondenseRow {
	ts: number;
	condense: Condense;
}

export interface TaskRows {
	requests: RequestRow[];
	sums: SumRow[];
	condensed: CondenseRow[];
	/** The user's first words. */
	firstText: string | null;
}

const failures = new Set(['api_req_retry_delayed', 'api_req_retried', 'error_retry']);

/** Sorts the rows of `ui_messages.json` by what they tell of calls. */
export function taskRowsOf(rows: readonly Row[]): TaskRows {
	const found: TaskRows = { requests: [], sums: [], condensed: [], firstText: null };
	let open: RequestRow | null = null;
	for (const [index, row] of rows.entries()) {
		if (index === 0 && (row.say === 'text' || row.say === 'task')) found.firstText = row.text ?? null;
		if (row.say === 'api_req_started') {
			// A row may be there without text yet: the request is being made.
			const info = requestInfoOf(row.text) ?? requestInfoSchema.parse({});
			if (open !== null) open.passed = true;
			open = { ts: row.ts, info, failedAt: null, passed: false, modelInfo: modelInfoOf(row) };
			if (found.requests.at(-1)?.ts === row.ts) found.requests.pop();
			found.requests.push(open);
		} else if (row.say === 'api_req_finished' && open !== null) {
			// Until 2024 the usage came in a row of its own.
			open.info = { ...open.info, ...requestInfoOf(row.text) };
		} else if (row.say === 'deleted_api_reqs' || row.say === 'subagent_usage') {
			const info = requestInfoOf(row.text);
			if (info !== null) found.sums.push({ ts: row.ts, say: row.say, info });
		} else if (row.say === 'condense_context' && row.partial !== true) {
			const condense = condenseSchema.safeParse(Reflect.get(row, 'contextCondense'));
			if (condense.success) found.condensed.push({ ts: row.ts, condense: condense.data });
		} else if (open !== null) {
			if (row.say !== undefined && failures.has(row.say)) open.failedAt ??= row.ts;
			if (row.ask === 'api_req_failed') open.failedAt ??= row.ts;
			if (row.ask === 'resume_task' || row.ask === 'resume_completed_task') open.passed = true;
		}
	}
	return found;
}

function modelInfoOf(row: Row): RequestRow['modelInfo'] {
	const info = modelInfoSchema.safeParse(Reflect.get(row, 'modelInfo')).data;
	return { model: info?.modelId ?? null, provider: info?.providerId ?? null, mode: info?.mode ?? null };
}
