import type { LlmCallDiagnostics } from '../../src/core/diagnostics.ts';
import { el } from '../dom.ts';
import { type IconName, icon } from '../icons.ts';
import { type StringKey, text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** A column of the table, and a line of an unfolded row. */
export interface Field {
	/** As the record of a call has it. */
	name: string;
	label: StringKey;
	/** Shown as a column also where there is little room. */
	always: boolean;
	/** Figures stand at the end of their column. */
	figure: boolean;
	value(ui: Ui, call: LlmCallDiagnostics): string | Node;
}

const hitIcons = { hit: 'check', miss: 'cross', unknown: 'question' } satisfies Record<string, IconName>;

const count = (ui: Ui, value: number | null | undefined): string => ui.format.count(value ?? null);

/** Every field of a call, in the order in which it is read. */
export const fields: readonly Field[] = [
	{
		name: 'provider',
		label: 'diagnostics.field.provider',
		always: false,
		figure: false,
		value: (_, { provider }) => el('bdi', { text: provider ?? text('none') }),
	},
	time('request_ts', 'diagnostics.field.request'),
	time('response_ts', 'diagnostics.field.response'),
	figure('latency_ms', 'diagnostics.field.latency', true, (ui, { latency_ms }) => ui.format.milliseconds(latency_ms)),
	figure('input_tokens', 'diagnostics.field.input', false, (ui, { usage }) => count(ui, usage?.input_tokens)),
	figure('output_tokens', 'diagnostics.field.output', false, (ui, { usage }) => count(ui, usage?.output_tokens)),
	figure('total_tokens', 'diagnostics.field.total', true, (ui, { usage }) => count(ui, usage?.total_tokens)),
	figure('input_cached_tokens', 'diagnostics.field.cached', false, (ui, { usage }) =>
		count(ui, usage?.input_cached_tokens),
	),
	figure('input_cache_creation_tokens', 'diagnostics.field.created', false, (ui, { usage }) =>
		count(ui, usage?.input_cache_creation_tokens),
	),
	{
		name: 'hit_state',
		label: 'diagnostics.field.hit',
		always: true,
		figure: false,
		value: (_, { cache: { hit_state } }) =>
			el(
				'span',
				{ class: 'hit-state', 'data-hit': hit_state, title: text(`diagnostics.${hit_state}.hint`) },
				icon(hitIcons[hit_state]),
				text(`diagnostics.${hit_state}`),
			),
	},
	figure('cache_read_ratio', 'diagnostics.field.ratio', false, ({ format }, { cache: { cache_read_ratio } }) =>
		typeof cache_read_ratio === 'number' ? format.percent(cache_read_ratio) : text('none'),
	),
	figure('cost_usd', 'diagnostics.field.cost', true, ({ format }, { cost_usd }) =>
		typeof cost_usd === 'number' ? format.exactMoney(Math.round(cost_usd * 1e9)) : text('none'),
	),
	{
		name: 'stop_reason',
		label: 'diagnostics.field.stop',
		always: false,
		figure: false,
		value: (_, { stop_reason }) => el('bdi', { text: stop_reason ?? text('none') }),
	},
	{
		name: 'provider_meta_summary',
		label: 'diagnostics.field.meta',
		always: false,
		figure: false,
		value: (_, { provider_meta_summary }) => el('bdi', { text: provider_meta_summary ?? text('none') }),
	},
];

function figure(name: string, label: StringKey, always: boolean, value: Field['value']): Field {
	return { name, label, always, figure: true, value };
}

function time(name: 'request_ts' | 'response_ts', label: StringKey): Field {
	return {
		name,
		label,
		always: false,
		figure: false,
		value: ({ format }, call) => {
			const ms = Date.parse(call[name]);
			return el('time', { datetime: call[name], title: format.full(ms), text: format.preciseTime(ms) });
		},
	};
}
