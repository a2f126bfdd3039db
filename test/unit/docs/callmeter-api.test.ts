import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Kept from '../../../docs/callmeter-api.d.ts';
import type * as Api from '../../../src/api.ts';
import type { LlmCallDiagnostics, UsageSummary } from '../../../src/core/diagnostics.ts';
import type { CallDraftInput, DraftInput, ResponseDraftInput } from '../../../src/core/draft.ts';
import type { Cost } from '../../../src/core/pricing/cost.ts';
import type { Usage } from '../../../src/core/usage.ts';
import type * as Views from '../../../src/core/views.ts';
import type { CallQuery, Receipt, SeriesQuery } from '../../../src/ledger/ledger.ts';

const root = join(import.meta.dirname, '../../..');

/** `true` when each type takes the other's values and both have the same properties, optional ones among them. */
type Same<A, B> = [A] extends [B]
	? [B] extends [A]
		? [Required<A>] extends [Required<B>]
			? [Required<B>] extends [Required<A>]
				? true
				: 'a property is missing in the API'
			: 'a property is missing in the kept file'
		: 'the kept file is narrower'
	: 'the kept file is wider';

/** Does not compile when the file for authors and the API differ. */
const same: Record<string, true> & {
	api: Same<Kept.CallmeterApi, Api.CallmeterApi>;
	hookOptions: Same<Kept.ApiHookOptions, Api.ApiHookOptions>;
	analytics: Same<Kept.Analytics, Api.Analytics>;
	sessionQuery: Same<Kept.SessionQuery, Api.SessionQuery>;
	drafts: Same<Kept.DraftInput['eventType'], DraftInput['eventType']>;
	callDraft: Same<Kept.CallDraftInput, CallDraftInput>;
	responseDraft: Same<Kept.ResponseDraftInput, ResponseDraftInput>;
	costDraft: Same<Kept.CostDraftInput, Extract<DraftInput, { eventType: 'cost_tracked' }>>;
	receipt: Same<Kept.Receipt, Receipt>;
	usage: Same<Kept.Usage, Usage>;
	cost: Same<Kept.Cost, Cost>;
	row: Same<Kept.CallRow, Views.CallRow>;
	detail: Same<Kept.CallDetail, Views.CallDetail>;
	session: Same<Kept.SessionRow, Views.SessionRow>;
	filter: Same<Kept.CallFilter, Views.CallFilter>;
	query: Same<Kept.CallQuery, CallQuery>;
	seriesQuery: Same<Kept.SeriesQuery, SeriesQuery>;
	totals: Same<Kept.Totals, Views.Totals>;
	group: Same<Kept.GroupTotals, Views.GroupTotals>;
	bucket: Same<Kept.SeriesBucket, Views.SeriesBucket>;
	diagnostics: Same<Kept.RunDiagnostics, Api.RunDiagnostics>;
	callDiagnostics: Same<Kept.LlmCallDiagnostics, LlmCallDiagnostics>;
	summary: Same<Kept.UsageSummary, UsageSummary>;
} = {
	api: true,
	hookOptions: true,
	analytics: true,
	sessionQuery: true,
	drafts: true,
	callDraft: true,
	responseDraft: true,
	costDraft: true,
	receipt: true,
	usage: true,
	cost: true,
	row: true,
	detail: true,
	session: true,
	filter: true,
	query: true,
	seriesQuery: true,
	totals: true,
	group: true,
	bucket: true,
	diagnostics: true,
	callDiagnostics: true,
	summary: true,
};

describe('the types for authors of other extensions', () => {
	const text = readFileSync(join(root, 'docs/callmeter-api.d.ts'), 'utf8');

	it('are those of the API, member by member', () => {
		const compared = Object.keys(same).length;
		assert.ok(compared > 20 && Object.values(same).every((each) => each === true));
	});

	it('need nothing but the types of VS Code', () => {
		const imported = [...text.matchAll(/\bfrom\s+['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/g)]
			.map(([, from, called]) => from ?? called)
			// How authors import it, in its own comment.
			.filter((specifier) => specifier !== './callmeter-api');
		assert.deepEqual([...new Set(imported)], ['vscode']);
	});

	it('are the ones that the example uses', () => {
		const example = readFileSync(join(root, 'docs/examples/callmeter-consumer/extension.js'), 'utf8');
		assert.match(example, /import\('\.\.\/\.\.\/callmeter-api'\)\.CallmeterApi/);
	});
});
