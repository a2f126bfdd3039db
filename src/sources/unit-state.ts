import * as z from 'zod';
import type { SkipReason, UnitReading } from './source.ts';

const skipReasons = [
	'otherWorkspace',
	'noFolder',
	'unknownVersion',
	'unreadable',
	'malformed',
	'tooOld',
	'noUsage',
	'inherited',
	'outsideAgentFolder',
] as const satisfies readonly SkipReason[];

/** Counts of what was left out, by reason. */
export type Skipped = Partial<Record<SkipReason, number>>;

const unitStateSchema = z.object({
	/** What was being recorded when the unit was read: with another choice it is read anew. */
	scope: z.string(),
	stamp: z.string(),
	cursor: z.string().nullable(),
	skipped: z.partialRecord(z.enum(skipReasons), z.int().min(0)),
	recheckAtMs: z.number().nullable(),
	/** Some of the unit is still to be read. */
	more: z.boolean(),
});

/** How far one unit was read. Stored beside the calls, and only after the ledger has them. */
export type UnitState = z.infer<typeof unitStateSchema>;

/** `null` for text that this version did not write. */
export function parseUnitState(text: string): UnitState | null {
	try {
		return unitStateSchema.parse(JSON.parse(text));
	} catch {
		return null;
	}
}

/** The state after a reading that went on from `before`. */
export function stateAfter(before: UnitState | null, scope: string, reading: UnitReading): UnitState {
	const continued = before !== null && before.cursor !== null && reading.cursor !== null && !reading.restarted;
	// Whether a unit can be read is told by its latest reading alone, however often it is tried.
	const { unreadable: _, ...earlier } = continued ? before.skipped : {};
	return {
		scope,
		stamp: reading.stamp,
		cursor: reading.cursor,
		skipped: addSkipped(earlier, reading.skipped),
		recheckAtMs: reading.recheckAtMs ?? null,
		more: reading.more ?? false,
	};
}

/** Sum of two counts. */
export function addSkipped(one: Skipped, other: Skipped): Skipped {
	const sum: Skipped = { ...one };
	for (const reason of skipReasons) {
		const more = other[reason] ?? 0;
		if (more > 0) sum[reason] = (sum[reason] ?? 0) + more;
	}
	return sum;
}

/** By how much counts have grown: what a reading that counts everything adds to those before it. */
export function moreSkipped(now: Skipped, before: Skipped): Skipped {
	const more: Skipped = {};
	for (const reason of skipReasons) {
		const grown = (now[reason] ?? 0) - (before[reason] ?? 0);
		if (grown > 0) more[reason] = grown;
	}
	return more;
}
