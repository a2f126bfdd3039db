import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import type { DraftInput } from '../../../src/core/draft.ts';
import { callDraft, everything, openStore, responseDraft, T0, temporaryFolder, usage } from './support.ts';

/** Ids of calls and of servers, some of which a database might mistake for another or cut short. */
const names = [
	'c1',
	'c2',
	'c3',
	'source:c4',
	'msg_1',
	'req_1',
	'made:m2',
	'a\ud800',
	'a\ufffd',
	'b\u0000c',
	'b',
	'Grüße',
	'"',
];

const draft = fc
	.record({
		call: fc.constantFrom(...names),
		aliases: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }),
		isCall: fc.boolean(),
		minutes: fc.constantFrom(0, 0, 1, 600),
		source: fc.constantFrom('source-1', 'source-2'),
		output: fc.constantFrom(20, 5_000),
	})
	.map(({ call, aliases, isCall, minutes, source, output }): DraftInput => {
		const at = T0 + minutes * 60_000;
		const common = { aliases, origin: { source } };
		if (isCall) return callDraft(call, { ...common, startedAtMs: at });
		const counts = usage({ inputTotal: output * 9, uncachedInput: output * 9, output });
		return responseDraft(call, { ...common, endedAtMs: at + 2_000, usage: counts });
	});

describe('Names of calls', () => {
	it('lead to the same calls in one batch, where they are looked up together, as one after the other', () => {
		fc.assert(
			fc.property(
				fc.array(draft, { maxLength: 12 }),
				fc.array(draft, { minLength: 8, maxLength: 40 }),
				(before, drafts) => {
					const outcomes = [true, false].map((together) => {
						const folder = temporaryFolder();
						const store = openStore(folder.file);
						try {
							for (const each of before) store.record([each]);
							const receipts = together
								? store.record(drafts).receipts
								: drafts.flatMap((each) => store.record([each]).receipts);
							const { rows } = store.calls(everything);
							const { ok } = store.verify();
							store.close();
							const db = new DatabaseSync(folder.file);
							const aliases = db.prepare('SELECT * FROM alias ORDER BY alias').all();
							db.close();
							return { told: receipts.map(({ callId, outcome }) => [callId, outcome]), rows, aliases, ok };
						} finally {
							store.close();
							folder.clean();
						}
					});
					assert.deepEqual(outcomes[0], outcomes[1]);
				},
			),
			{ numRuns: 25 },
		);
	});
});
