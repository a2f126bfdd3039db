import type { CallDraft, ResponseDraft } from '../../../src/core/draft.ts';
import type { Cost } from '../../../src/core/pricing/cost.ts';
import { cacheWriteTotal, type Usage } from '../../../src/core/usage.ts';
import type { ProtocolName } from '../../fixtures/providers/fake-provider.ts';
import type { Truth } from './served-truth.ts';

/** One call: what was served, and what was recorded of it. */
export interface ServedRow {
	protocol: ProtocolName;
	model: string;
	truth: Truth;
	call: CallDraft;
	response: ResponseDraft;
	cost: Cost;
}

const head = [
	'API',
	'#',
	'Served',
	'HTTP',
	'',
	'State',
	'Uncached',
	'Cache read',
	'Write 5 min',
	'Write 1 h',
	'Output',
	'Reasoning',
	'Cost USD',
];

/** The calls as a Markdown table, served and recorded one above the other. */
export function servedTable(rows: readonly ServedRow[]): string {
	const lines = [line(head), line(head.map(() => '---'))];
	let equal = 0;
	const numbers = new Map<ProtocolName, number>();
	for (const { protocol, truth, response, cost } of rows) {
		const n = (numbers.get(protocol) ?? 0) + 1;
		numbers.set(protocol, n);
		const served = figures(truth.state, truth.usage, truth.costUsd, truth.usageBound);
		const usd = cost.shownNanoUsd === null ? null : cost.shownNanoUsd / 1e9;
		const recorded = figures(response.state, response.usage, usd, cost.bound);
		if (JSON.stringify(served) === JSON.stringify(recorded)) equal++;
		const http = truth.requests.map(({ status }) => status).join(' ');
		lines.push(line([protocol, String(n), truth.what, http, 'served', ...served]));
		lines.push(line(['', '', '', '', 'recorded', ...recorded]));
	}
	return `${lines.join('\n')}\n\n${equal} of ${rows.length} calls recorded exactly as served. "≥": the stream broke off before the final count. "?": the provider did not say.\n`;
}

function figures(state: string, usage: Usage | null, usd: number | null, bound: string): string[] {
	const at = bound === 'atLeast' ? '≥ ' : '';
	const count = (value: number | null): string => (value === null ? '?' : value.toLocaleString('en'));
	const writes = usage?.cacheWriteUnknownTtl ? `${count(cacheWriteTotal(usage))} (TTL ?)` : null;
	const counts = usage
		? [usage.uncachedInput, usage.cacheRead]
				.map(count)
				.concat(
					writes ?? count(usage.cacheWrite5m),
					writes === null ? count(usage.cacheWrite1h) : '',
					at + count(usage.output),
					count(usage.reasoning),
				)
		: ['?', '?', '?', '?', '?', '?'];
	return [state, ...counts, usd === null ? 'unpriced' : at + usd.toFixed(9)];
}

function line(cells: readonly string[]): string {
	return `| ${cells.join(' | ')} |`;
}
