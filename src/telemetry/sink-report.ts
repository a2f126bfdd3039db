import type { SendResult } from './otlp-sender.ts';

/** Gets sentences without content, keys and headers. */
export type SinkLog = Record<'debug' | 'info' | 'warn', (message: string) => void>;

/** What became of events, since this window began. */
export interface SinkCounts {
	delivered: number;
	/** Not taken by a receiver that took the request. */
	rejected: number;
	/** Dropped because the receiver does not want them. */
	refused: number;
	/** Dropped because too many waited. */
	dropped: number;
}

/** Counts what becomes of telemetry's events, and says it in the log: what is news, not each single event. */
export class SinkReport {
	readonly counts: SinkCounts = { delivered: 0, rejected: 0, refused: 0, dropped: 0 };
	readonly #log: SinkLog;

	constructor(log: SinkLog) {
		this.#log = log;
	}

	/** A request with `count` events has come to an end. `origin`: of the receiver. */
	answered(result: SendResult, count: number, origin: string): void {
		if (result.kind === 'ok') {
			const rejected = Math.min(result.rejected, count);
			this.counts.rejected += rejected;
			this.counts.delivered += count - rejected;
			if (rejected < count) this.#log.info(`Telemetry: ${events(count - rejected)} delivered to ${origin}`);
			const said = result.message === '' ? '' : ` It says: ${result.message}`;
			if (rejected > 0) this.#log.warn(`Telemetry: ${origin} did not take ${rejected} of ${events(count)}.${said}`);
			else if (said !== '') this.#log.warn(`Telemetry: ${origin} took ${events(count)}.${said}`);
		} else if (result.kind === 'refused') {
			this.counts.refused += count;
			this.#log.warn(`Telemetry: ${origin} refused ${events(count)} (${result.reason}), which are dropped`);
		}
	}

	/** The `failures`th attempt in a row has failed. */
	waits(failures: number, reason: string, delayMs: number): void {
		const next = `next attempt in ${Math.ceil(delayMs / 1000)} s`;
		this.#log[failures === 1 ? 'warn' : 'debug'](
			`Telemetry: events cannot be delivered at present (${reason}); they are kept, ${next}`,
		);
	}

	/** The oldest had to go. */
	dropped(count: number): void {
		if (count === 0) return;
		const before = this.counts.dropped;
		this.counts.dropped += count;
		// The first is news, each single one after it is not.
		if (before !== 0 && Math.floor(before / 100) === Math.floor(this.counts.dropped / 100)) return;
		this.#log.warn(
			`Telemetry: too many events wait; the oldest are dropped (${this.counts.dropped} since this window was opened)`,
		);
	}

	diskFails(reason: string): void {
		this.#log.warn(`Telemetry: the queue cannot be kept on disk (${reason}); events wait in memory`);
	}

	notDeleted(error: unknown): void {
		this.#log.warn(`Telemetry: the queue could not be deleted: ${reasonOf(error)}`);
	}

	sendingFailed(error: unknown): void {
		this.#log.warn(`Telemetry: sending failed: ${reasonOf(error)}`);
	}
}

/** A code rather than a message, which would name a path. */
export function reasonOf(error: unknown): string {
	if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
	return error instanceof Error ? error.message : String(error);
}

function events(count: number): string {
	return count === 1 ? '1 event' : `${count} events`;
}
