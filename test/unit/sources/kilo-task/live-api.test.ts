import assert from 'node:assert/strict';
import type { DraftInput } from '../../../../src/core/draft.ts';
import { rooCode } from '../../../../src/sources/kilo-task/dialects.ts';
import { attachLive, type LiveOptions } from '../../../../src/sources/kilo-task/live-api.ts';
import { StandIn } from './recorded.ts';

function attach(exported: StandIn, more: Partial<LiveOptions> = {}) {
	const drafts: DraftInput[] = [];
	const options: LiveOptions = {
		dialect: rooCode,
		folder: '/p',
		onDrafts: (seen) => drafts.push(...seen),
		now: () => 2000,
		...more,
	};
	const attachment = attachLive(exported, options);
	assert.ok(attachment);
	return { attachment, drafts };
}

function request(ts: number, info: object = { apiProtocol: 'openai' }) {
	return {
		taskId: 't',
		action: 'created',
		message: { ts, type: 'say', say: 'api_req_started', text: JSON.stringify(info) },
	};
}

const usage = { apiProtocol: 'openai', tokensIn: 10, tokensOut: 5, cacheWrites: 0, cacheReads: 1, cost: 0.1 };

describe('attachLive', () => {
	it('has nothing to attach to where an extension exports no events', () => {
		const options = { dialect: rooCode, folder: null, onDrafts: () => assert.fail() };
		for (const exported of [undefined, null, {}, { on: 1 }, 'x']) assert.equal(attachLive(exported, options), null);
	});

	it('never throws into the agent, whatever its events hold', () => {
		const exported = new StandIn();
		const troubles: string[] = [];
		const { attachment } = attach(exported, { onTrouble: (message) => troubles.push(message) });
		const hostile = {
			get message(): unknown {
				throw new RangeError('secret');
			},
		};
		const payloads = [
			undefined,
			null,
			7,
			{},
			hostile,
			{ taskId: 't', message: { say: 'api_req_started' } },
			{ taskId: 5, message: { ...request(1).message } },
			{ taskId: 't', message: { ...request(1).message, ts: Number.NaN } },
			request(1000, [] as object),
		];
		for (const payload of payloads)
			for (const event of ['message', 'taskAborted', 'taskSpawned', 'taskModeSwitched']) {
				assert.doesNotThrow(() => exported.emit(event, payload));
			}
		assert.ok(attachment.skipped > 0);
		assert.ok(troubles.length > 0);
		assert.ok(
			troubles.every((message) => !message.includes('secret')),
			'no content in the log',
		);
	});

	it('never throws into the agent when whoever takes the drafts fails', () => {
		const exported = new StandIn();
		attach(exported, {
			onDrafts: () => {
				throw new Error('full');
			},
			onTrouble: () => {
				throw new Error('gone');
			},
		});
		assert.doesNotThrow(() => exported.emit('message', request(1000)));
	});

	it('copies a message before the agent changes it', () => {
		const exported = new StandIn();
		const { drafts } = attach(exported);
		const event = request(1000, usage);
		exported.emit('message', event);
		event.message.text = '{}';
		const response = drafts.find((draft) => draft.eventType === 'llm_response');
		assert.ok(response?.eventType === 'llm_response');
		assert.equal(response.usage?.inputTotal, 10);
	});

	it('reads the settings only when a call begins, and keeps none of them', () => {
		const exported = new StandIn();
		let asked = 0;
		exported.getConfiguration = () => {
			asked++;
			return { apiProvider: 'anthropic', apiModelId: 'claude-sonnet-4-5', apiKey: 'sk-secret' };
		};
		const { attachment, drafts } = attach(exported);
		exported.emit('message', request(1000));
		exported.emit('message', {
			taskId: 't',
			message: { ts: 1001, type: 'say', say: 'text', text: 'x', partial: true },
		});
		exported.emit('message', request(1000, usage));
		assert.equal(asked, 1);
		assert.ok(!JSON.stringify([drafts, attachment.tracker.facts()]).includes('sk-secret'));
	});

	it('leaves nothing behind when it is detached', () => {
		const exported = new StandIn();
		const { attachment, drafts } = attach(exported);
		assert.ok(exported.eventNames().length > 0);
		attachment.detach();
		assert.deepEqual(exported.eventNames(), []);
		exported.emit('message', request(1000));
		assert.deepEqual(drafts, []);
	});

	it('goes on with the same tracker when the extension was reloaded in the middle of a task', () => {
		const before = new StandIn();
		before.configuration = { apiProvider: 'openai', openAiModelId: 'gpt-5' };
		const { attachment, drafts } = attach(before);
		before.emit('message', request(1000));
		attachment.detach(true);

		const after = new StandIn();
		after.configuration = { apiProvider: 'openai', openAiModelId: 'gpt-6' };
		attach(after, { tracker: attachment.tracker, onDrafts: (seen) => drafts.push(...seen) });
		after.emit('message', request(1000, usage));
		after.emit('message', request(5000, usage));

		const said = drafts.map((draft) =>
			draft.eventType === 'cost_tracked' ? '' : `${draft.eventType} ${draft.callId} ${draft.model}`,
		);
		assert.deepEqual(said, [
			'llm_call roo-code:t:1000 gpt-5',
			'llm_response roo-code:t:1000 gpt-5',
			'llm_response roo-code:t:1000 gpt-5',
			'llm_call roo-code:t:5000 gpt-6',
			'llm_response roo-code:t:5000 gpt-6',
		]);
	});

	it('knows subtasks by either of their events', () => {
		for (const event of ['taskSpawned', 'taskDelegated']) {
			const exported = new StandIn();
			const { drafts } = attach(exported);
			exported.emit(event, 'parent', 't');
			exported.emit('message', request(1000));
			assert.ok(drafts[0]?.eventType === 'llm_call' && drafts[0].parentSessionId === 'parent');
		}
	});
});
