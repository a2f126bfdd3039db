import assert from 'node:assert/strict';
import { type DraftInput, draftSchema } from '../../../../src/core/draft.ts';
import { assistant, Follower, Home, user } from '../../sources/claude-code/transcripts.ts';
import { claudeRequest, claudeSpan, logs, T0, traces } from './payloads.ts';
import { Receiving } from './receiving.ts';

const requestId = claudeRequest.values.request_id;
/** As the API tells it: all 5,790 tokens were written for an hour. */
const usage = {
	input_tokens: 2,
	output_tokens: 128,
	cache_read_input_tokens: 15_498,
	cache_creation_input_tokens: 5_790,
	cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 5_790 },
	service_tier: 'standard',
};

describe('one call that is told of several times', () => {
	let receiving: Receiving;
	let home: Home;
	beforeEach(async () => {
		home = new Home();
		receiving = new Receiving();
		await receiving.start();
	});
	afterEach(async () => {
		await receiving.stop();
		home.remove();
	});

	async function readTranscript(lineRequestId: string): Promise<void> {
		const sessionId = claudeRequest.values['session.id'];
		const asked = user('Hello', { sessionId, atMs: T0 });
		const id = 'msg_011CTestTestTestTestTest';
		const answered = assistant({
			id,
			requestId: lineRequestId,
			model: 'claude-opus-4-6',
			usage,
			sessionId,
			parent: asked,
			atMs: T0 + 1_000,
		});
		home.write('-home-dev-project/session-claude.jsonl', [asked, answered]);
		const drafts: DraftInput[] = [];
		await new Follower().read(home.places(), {}, undefined, (some) => drafts.push(...some));
		await receiving.ledger.record(drafts.map((draft) => draftSchema.parse(draft)));
	}

	const tellings = {
		transcript: () => readTranscript(requestId),
		log: () => receiving.post('logs', logs(claudeRequest)),
		span: () => receiving.post('traces', traces(claudeSpan)),
	};
	type Telling = keyof typeof tellings;
	const orders: Telling[][] = [
		['transcript', 'log', 'span'],
		['transcript', 'span', 'log'],
		['log', 'transcript', 'span'],
		['span', 'transcript', 'log'],
		['log', 'span', 'transcript'],
		['span', 'log', 'transcript'],
	];

	for (const order of orders) {
		it(`is one call at its exact cost, told by ${order.join(', ')}`, async () => {
			for (const each of order) await tellings[each]();
			const { row, cost, usage: kept, messages, folder } = await receiving.only();
			assert.deepEqual([row.cost?.nanoUsd, cost?.bound], [68_859_000, 'exact']);
			assert.equal(kept?.cacheWrite1h, 5_790);
			assert.deepEqual([messages.length, folder], [1, '/home/dev/project']);
			assert.ok((await receiving.ledger.verify()).ok);
			// Sent and read once more, as after a restart.
			for (const each of order) await tellings[each]();
			const totals = await receiving.ledger.totals({});
			assert.deepEqual([totals.calls, totals.costNanoUsd], [1, 68_859_000]);
		});
	}

	for (const order of [
		['log', 'transcript'],
		['transcript', 'log'],
	] as const) {
		it(`is one call without an id in common, told by ${order.join(', ')}`, async () => {
			const log = logs({ ...claudeRequest, values: { ...claudeRequest.values, request_id: undefined } });
			for (const each of order) {
				if (each === 'log') await receiving.post('logs', log);
				else await readTranscript('req_011COtherOtherOther');
			}
			const totals = await receiving.ledger.totals({});
			assert.deepEqual([totals.calls, totals.costNanoUsd], [1, 68_859_000]);
		});
	}
});
