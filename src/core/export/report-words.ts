import { formatDuration } from '../durations.ts';
import { formatNanoUsd } from '../money.ts';
import { formatAllTokens } from '../tokens-text.ts';
import type { ReportTotals } from './task-report.ts';

/** Figures as the reader's locale writes them; days as ISO 8601, so that no one takes a month for a day. */
export class ReportWords {
	readonly locale: string;
	readonly #timeZone: string;

	constructor(locale: string, timeZone: string) {
		this.locale = locale;
		this.#timeZone = timeZone;
	}

	count(value: number | null): string {
		return formatAllTokens(value, this.locale);
	}

	duration(ms: number | null): string {
		return formatDuration(ms, this.locale);
	}

	percent(share: number): string {
		return new Intl.NumberFormat(this.locale, { style: 'percent', maximumFractionDigits: 1 }).format(share);
	}

	/** A sum of costs with its bound, subscriptions at API prices included; `unpriced`: nothing of it is known. */
	sum({ costNanoUsd, subscriptionNanoUsd, unpriced, pending, calls, bound }: ReportTotals): string {
		const known = costNanoUsd + subscriptionNanoUsd;
		if (known === 0 && unpriced > 0 && unpriced + pending === calls) return 'unpriced';
		return formatNanoUsd(known, { bound, locale: this.locale });
	}

	moment(ms: number): string {
		return `${this.time(ms)} (${this.#timeZone})`;
	}

	time(ms: number): string {
		const { day, clock } = this.#parts(ms);
		return `${day} ${clock}`;
	}

	span(fromMs: number, toMs: number): string {
		const [from, to] = [this.#parts(fromMs), this.#parts(toMs)];
		const end = from.day === to.day ? to.clock : `${to.day} ${to.clock}`;
		return `${from.day} ${from.clock} – ${end} (${this.#timeZone})`;
	}

	#parts(ms: number): { day: string; clock: string } {
		const parts = new Intl.DateTimeFormat('en-CA', {
			timeZone: this.#timeZone,
			year: 'numeric',
			month: '2-digit',
			day: '2-digit',
			hour: '2-digit',
			minute: '2-digit',
			second: '2-digit',
			hourCycle: 'h23',
		}).formatToParts(ms);
		const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
		return {
			day: `${part('year')}-${part('month')}-${part('day')}`,
			clock: `${part('hour')}:${part('minute')}:${part('second')}`,
		};
	}
}
