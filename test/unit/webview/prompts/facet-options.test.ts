import assert from 'node:assert/strict';
import type { CallFilter } from '../../../../src/core/views.ts';
import { HostLink } from '../../../../webview/host-link.ts';
import { facetOptions } from '../../../../webview/prompts/facet-options.ts';
import { FakeLedger } from '../../../browser/dev-page/fake-ledger.ts';

/** A link that answers from calls in memory, and what was asked for. */
function linkTo(ledger: FakeLedger): { link: HostLink; asked: CallFilter[] } {
	const asked: CallFilter[] = [];
	let receive: (message: Parameters<Parameters<ConstructorParameters<typeof HostLink>[0]['listen']>[0]>[0]) => void;
	const link = new HostLink({
		post(message) {
			if (message.type !== 'request' || message.request.kind !== 'facets') return;
			const { id, request } = message;
			asked.push(request.filter);
			queueMicrotask(() => receive({ type: 'reply', id, ok: true, value: ledger.facets(request) }));
		},
		listen(listener) {
			receive = listener;
			return () => {};
		},
	});
	return { link, asked };
}

describe('what there is to filter by', () => {
	const ledger = new FakeLedger(600, 1_700_000_000_000, 60_000);

	it('is counted within what is filtered, each field as if it were not restricted itself', async () => {
		const { link, asked } = linkTo(ledger);
		const range = { fromMs: 0, toMs: 1_800_000_000_000 };
		const options = await facetOptions(link, { range, agentId: 'kilo-code', state: 'ok' });
		link.dispose();
		const count = (test: (row: (typeof ledger.rows)[number]) => boolean) => ledger.rows.filter(test).length;
		const codex = options.agentId.find(({ value }) => value === 'codex');
		assert.equal(
			codex?.calls,
			count(({ agentId, state }) => agentId === 'codex' && state === 'ok'),
		);
		const errors = options.status.find(({ value }) => value === 'error');
		assert.equal(
			errors?.calls,
			count(({ agentId, state }) => agentId === 'kilo-code' && state === 'error'),
		);
		const chats = options.kind.find(({ value }) => value === 'chat');
		assert.equal(
			chats?.calls,
			count(({ agentId, state, kind }) => agentId === 'kilo-code' && state === 'ok' && kind === 'chat'),
		);
		assert.equal(asked.length, 3, 'once as it is, and once for each field that is restricted');
		assert.ok(asked.every((filter) => filter.range?.toMs === range.toMs));
	});

	it('names a provider once, with the calls of all its models', async () => {
		const { link } = linkTo(ledger);
		const { provider } = await facetOptions(link, {});
		link.dispose();
		assert.equal(new Set(provider.map(({ value }) => value)).size, provider.length);
		assert.equal(
			provider.find(({ value }) => value === 'openai')?.calls,
			ledger.rows.filter((row) => row.provider === 'openai').length,
		);
	});
});
