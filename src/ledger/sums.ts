import { type CallRecord, USAGE_MISSING } from './call-record.ts';

/** What is added up over calls of one dimension. All integers, so that taking away leaves exactly what was there before. */
export interface Sums {
	calls: number;
	/** Calls that ended and have no known price. */
	unpriced: number;
	usage_missing: number;
	input: number;
	output: number;
	cache_read: number;
	/** Input of the calls that told of their cache. */
	cache_told: number;
	cache_write: number;
	reasoning: number;
	cost_nano: number;
	/** Calls whose cost is a lower, or an upper bound. */
	at_least: number;
	at_most: number;
	latency_count: number;
	latency_us: number;
}

export const sumColumns = [
	'calls',
	'unpriced',
	'usage_missing',
	'input',
	'output',
	'cache_read',
	'cache_told',
	'cache_write',
	'reasoning',
	'cost_nano',
	'at_least',
	'at_most',
	'latency_count',
	'latency_us',
] as const satisfies readonly (keyof Sums)[];

/** The columns of a call that `addCall` looks at. */
export const countedColumns = [
	'flags',
	'response_event',
	'input',
	'output',
	'cache_read',
	'cache_write',
	'reasoning',
	'cost_nano',
	'cost_basis',
	'cost_bound',
	'latency_us',
] as const satisfies readonly (keyof CallRecord)[];
export type Countable = Pick<CallRecord, (typeof countedColumns)[number]>;

/** What stands for a column in a ledger of an earlier version, which is only looked at and may lack it. */
export function olderColumn(column: keyof Sums): keyof Sums {
	return column === 'cache_told' ? 'input' : column;
}

export function noSums(): Sums {
	return {
		calls: 0,
		unpriced: 0,
		usage_missing: 0,
		input: 0,
		output: 0,
		cache_read: 0,
		cache_told: 0,
		cache_write: 0,
		reasoning: 0,
		cost_nano: 0,
		at_least: 0,
		at_most: 0,
		latency_count: 0,
		latency_us: 0,
	};
}

/** Adds one call, or with `sign` -1 takes it away. The one definition of what a call counts for. */
export function addCall(sums: Sums, call: Countable, sign: 1 | -1): void {
	sums.calls += sign;
	if (call.response_event !== null && call.cost_nano === null && call.cost_basis !== 'refused') sums.unpriced += sign;
	if (call.flags & USAGE_MISSING) sums.usage_missing += sign;
	sums.input += sign * (call.input ?? 0);
	sums.output += sign * (call.output ?? 0);
	sums.cache_read += sign * (call.cache_read ?? 0);
	if (call.cache_read !== null) sums.cache_told += sign * (call.input ?? 0);
	sums.cache_write += sign * (call.cache_write ?? 0);
	sums.reasoning += sign * (call.reasoning ?? 0);
	if (call.cost_nano !== null) {
		sums.cost_nano += sign * call.cost_nano;
		if (call.cost_bound === 'atLeast') sums.at_least += sign;
		if (call.cost_bound === 'atMost') sums.at_most += sign;
	}
	if (call.latency_us !== null) {
		sums.latency_count += sign;
		sums.latency_us += sign * call.latency_us;
	}
}

export function addSums(to: Sums, from: Readonly<Sums>): void {
	for (const column of sumColumns) to[column] += from[column];
}

export function isNothing(sums: Readonly<Sums>): boolean {
	return sumColumns.every((column) => sums[column] === 0);
}
