import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallDraft, draftSchema, type ResponseDraft } from '../../../../src/core/draft.ts';
import type {
	Places,
	ReadOptions,
	RecordUnit,
	SkipReason,
	Source,
	UnitReading,
} from '../../../../src/sources/source.ts';

const recorded = join(import.meta.dirname, '../../../fixtures/recorded');

/** A folder that goes when the test is over. */
export function temporaryFolder(): string {
	return mkdtempSync(join(tmpdir(), 'callmeter-records-'));
}

export function remove(folder: string): void {
	rmSync(folder, { recursive: true, force: true });
}

export function copyRecorded(name: string, into: string): void {
	cpSync(join(recorded, name, 'home'), into, { recursive: true });
}

export function recordedFile(...parts: string[]): string {
	return join(recorded, ...parts);
}

export function placesAt(home: string, env: Places['env'] = {}): Places {
	return { home, env, platform: process.platform, globalStorage: [], customPlaces: {} };
}

export const readAll: ReadOptions = {
	accepts: () => 'yes',
	metadataSinceMs: 0,
	contentSinceMs: 0,
	cursor: null,
	signal: new AbortController().signal,
};

export async function unitsOf(source: Source, places: Places): Promise<RecordUnit[]> {
	const units: RecordUnit[] = [];
	for await (const unit of source.units(places)) units.push(unit);
	return units;
}

/** Calls as a ledger has them: by id, the latest word on each. */
export class Collected {
	readonly calls = new Map<string, CallDraft>();
	readonly responses = new Map<string, ResponseDraft>();
	readonly skipped: Partial<Record<SkipReason, number>> = {};

	/** Reads a unit to its end, as the importer does, and returns the cursor. */
	async read(source: Source, unit: RecordUnit, options: Partial<ReadOptions> = {}): Promise<string | null> {
		let cursor = options.cursor ?? null;
		for (let more = true; more; ) {
			const reading = await source.read(unit, { ...readAll, ...options, cursor });
			this.add(reading);
			cursor = reading.cursor;
			more = reading.more ?? false;
		}
		return cursor;
	}

	add({ drafts, skipped }: UnitReading): void {
		for (const input of drafts) {
			const draft = draftSchema.parse(input);
			if (draft.eventType === 'llm_call') this.calls.set(draft.callId, draft);
			else if (draft.eventType === 'llm_response') this.responses.set(draft.callId, draft);
		}
		for (const [reason, count] of Object.entries(skipped) as [SkipReason, number][]) {
			this.skipped[reason] = (this.skipped[reason] ?? 0) + count;
		}
	}

	/** One row a call, in the order in which they began: what must not depend on how the record was read. */
	rows(): unknown[] {
		const rows = [...this.calls.values()].map((call) => ({ ...call, response: this.responses.get(call.callId) }));
		return rows.sort((one, other) => one.startedAtMs - other.startedAtMs || (one.callId < other.callId ? -1 : 1));
	}

	tokens(): { calls: number; input: number; output: number; unknown: number } {
		const sum = { calls: this.calls.size, input: 0, output: 0, unknown: 0 };
		for (const { usage } of this.responses.values()) {
			sum.input += usage?.inputTotal ?? 0;
			sum.output += usage?.output ?? 0;
			if (usage === null) sum.unknown++;
		}
		return sum;
	}
}

export async function collect(source: Source, places: Places, options: Partial<ReadOptions> = {}): Promise<Collected> {
	const collected = new Collected();
	for (const unit of await unitsOf(source, places)) await collected.read(source, unit, options);
	return collected;
}
