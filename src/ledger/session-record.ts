/** A row of `session`. The counts and sums are over its calls, plus costs tracked without tokens. */
export interface SessionRecord {
	n: number;
	session_id: string;
	agent_id: string;
	parent_session_id: string | null;
	title: string | null;
	folder: string | null;
	started_ms: number;
	last_ms: number;
	/** Events in the chain; the last one's `seq`. */
	event_count: number;
	/** Calls so far; the last one's `seq`. */
	call_seq: number;
	/** Hash of the last event. */
	head_hash: Uint8Array | null;
	llm_call_count: number;
	pending_count: number;
	unpriced_count: number;
	total_input_tokens: number;
	total_output_tokens: number;
	total_cache_read_tokens: number;
	total_cache_write_tokens: number;
	total_cost_nano_usd: number;
	/** Calls whose cost is a lower, or an upper bound. */
	at_least_count: number;
	at_most_count: number;
}

export const sessionColumns = [
	'n',
	'session_id',
	'agent_id',
	'parent_session_id',
	'title',
	'folder',
	'started_ms',
	'last_ms',
	'event_count',
	'call_seq',
	'head_hash',
	'llm_call_count',
	'pending_count',
	'unpriced_count',
	'total_input_tokens',
	'total_output_tokens',
	'total_cache_read_tokens',
	'total_cache_write_tokens',
	'total_cost_nano_usd',
	'at_least_count',
	'at_most_count',
] as const satisfies readonly (keyof SessionRecord)[];
