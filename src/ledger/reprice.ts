import { overrideFor } from '../core/pricing/find-price.ts';
import type { PriceOverride } from '../core/pricing/overrides.ts';
import type { ResponseRecorder } from './response-recorder.ts';
import type { Writer } from './writer.ts';

/** Calls in one transaction: another window waits no longer than for these. */
const AT_ONCE = 500;

/**
 * Prices recorded calls anew by the user's own prices: of the models whose own price is another than `before`, or is
 * there or gone. What only the table changes stays as it was recorded. Returns how many calls cost something else now.
 */
export function repriceCalls(writer: Writer, responses: ResponseRecorder, before: readonly PriceOverride[]): number {
	const { overrides } = responses.prices;
	const isOther = (provider: string, model: string): boolean =>
		told(overrideFor(before, provider, model)) !== told(overrideFor(overrides, provider, model));
	const models = writer.db
		.prepare(
			`SELECT DISTINCT c.dim_n, c.actual_model, d.provider, d.model FROM call c JOIN dim d ON d.n = c.dim_n
			WHERE c.response_event IS NOT NULL`,
		)
		.all();
	const next = writer.db.prepare(
		`SELECT n FROM call WHERE n > ? AND dim_n = ? AND actual_model IS ? AND response_event IS NOT NULL
		ORDER BY n LIMIT ${AT_ONCE}`,
	);
	let repriced = 0;
	for (const { dim_n, actual_model, provider, model } of models) {
		const names = [model, actual_model].filter((name) => name !== null).map(String);
		if (!names.some((name) => isOther(String(provider), name))) continue;
		for (let last = 0; ; ) {
			const calls = next.all(last, Number(dim_n), actual_model ?? null).map(({ n }) => Number(n));
			if (calls.length === 0) break;
			last = calls.at(-1) ?? last;
			repriced += writer.transaction(() => {
				const records = calls.flatMap((n) => writer.calls.get(n) ?? []);
				return records.filter((record) => responses.reprice(record)).length;
			}).value;
		}
	}
	return repriced;
}

function told(override: PriceOverride | null): string {
	return override === null ? '' : JSON.stringify(override.rates);
}
