import type { AnalyticsBucket, Granularity, TokenBuckets } from '../../src/core/views.ts';
import { Cells, column } from '../charts/cells.ts';
import { bars } from '../charts/data-sets.ts';
import { overTime } from '../charts/over-time.ts';
import type { Look } from '../charts/paint.ts';
import type { Picture } from '../charts/picture.ts';
import type { Format } from '../format.ts';
import { type StringKey, text } from '../strings.ts';

/** In the order, colours and patterns of the token bar of a call. */
const kinds: readonly { key: keyof TokenBuckets; id: string; label: StringKey; look: Look }[] = [
	{ key: 'uncachedInput', id: 'uncached_input', label: 'usage.plainInput', look: { colour: 'blue', pattern: 'solid' } },
	{
		key: 'cacheRead',
		id: 'cache_read',
		label: 'bucket.cacheRead',
		look: { colour: 'green', pattern: 'rising', always: true },
	},
	{
		key: 'cacheWrite',
		id: 'cache_write',
		label: 'usage.cacheWrite',
		look: { colour: 'yellow', pattern: 'falling', always: true },
	},
	{ key: 'output', id: 'output', label: 'usage.plainOutput', look: { colour: 'purple', pattern: 'solid' } },
	{
		key: 'reasoning',
		id: 'reasoning',
		label: 'usage.reasoning',
		look: { colour: 'purple', pattern: 'upright', always: true },
	},
];

/** Tokens by the bucket that they are billed in. `null`: none were told. */
export function tokensOverTime(
	format: Format,
	{ buckets, granularity }: { buckets: AnalyticsBucket[]; granularity: Granularity },
): Picture | null {
	const sums = kinds.map(({ key }) => buckets.reduce((sum, { tokens }) => sum + tokens[key], 0));
	const total = sums.reduce((sum, tokens) => sum + tokens, 0);
	if (total === 0) return null;
	const cells = new Cells(format);
	const shown = kinds.map((kind, index) => ({ ...kind, sum: sums[index] ?? 0 })).filter(({ sum }) => sum > 0);
	const tokensOf = (key: keyof TokenBuckets, place: number) => buckets[place]?.tokens[key] ?? 0;
	const all = (place: number) => kinds.reduce((sum, { key }) => sum + tokensOf(key, place), 0);
	const calls = (place: number) => buckets[place]?.calls ?? 0;
	return overTime(
		format,
		{ buckets, granularity },
		{
			summary: () =>
				text('analytics.tokens.summary', {
					bucket: text(`charts.bucket.${granularity}`),
					list: shown.map(({ label, sum }) => `${text(label)} ${format.compact(sum)}`).join(', '),
				}),
			note: null,
			lines: shown.map(({ key, label, look, sum }) => ({
				label: text(label),
				value: format.compact(sum),
				look,
				filter: null,
				figure: (place) => format.compact(tokensOf(key, place)),
				dataSet: (paint) =>
					bars(
						paint,
						look,
						text(label),
						buckets.map(({ tokens }) => tokens[key]),
					),
			})),
			after: (place) => [
				`${text('charts.total')}: ${format.compact(all(place))}`,
				`${text('charts.column.calls')}: ${format.count(calls(place))}`,
			],
			columns: [
				{ column: column('calls', text('charts.column.calls')), cell: (place) => cells.count(calls(place)) },
				...kinds.map(({ key, id, label }) => ({
					column: column(`${id}_tokens`, text(label)),
					cell: (place: number) => cells.tokens(tokensOf(key, place)),
				})),
			],
			axes: { stacked: true, amount: (tokens) => format.compact(tokens) },
		},
	);
}
