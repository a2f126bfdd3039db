import type { TimeRange } from '../src/core/views.ts';
import { type RangeChoice, rangeOf, rangeSince } from './time-range.ts';
import type { Ui } from './ui.ts';

/** When the first call of all began, epoch milliseconds; `null`: there is none. Rejects with `HostError`. */
export async function firstCallMs({ link }: Ui): Promise<number | null> {
	const first = await link.request({ kind: 'calls', filter: {}, sort: 'oldest', offset: 0, limit: 1 });
	return first.rows[0]?.startedAtMs ?? null;
}

/** What a chart of a choice shows: its range, and for everything that from the day of the first call on. Rejects as above. */
export async function shownRange(ui: Ui, choice: RangeChoice, nowMs: number): Promise<TimeRange> {
	const { timeZone } = ui.format;
	return rangeOf(choice, nowMs, timeZone) ?? rangeSince((await firstCallMs(ui)) ?? nowMs, nowMs, timeZone);
}
