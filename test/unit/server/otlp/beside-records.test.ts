import assert from 'node:assert/strict';
import { codex } from '../../../../src/sources/codex/codex-source.ts';
import { geminiCli } from '../../../../src/sources/gemini-cli/gemini-cli-source.ts';
import type { Source } from '../../../../src/sources/source.ts';
import { collect, copyRecorded, placesAt, remove, temporaryFolder } from '../../sources/folded/reading.ts';
import { type LogInput, logs } from './payloads.ts';
import { Receiving } from './receiving.ts';

interface Told {
	sessionId: string;
	model: string;
	endedAtMs: number;
	latencyMs: number;
	input: number;
	output: number;
	cacheRead: number;
	reasoning: number;
}

/** What the agents would have reported of the recorded calls; constructed from their documentation. */
const reports: Record<string, { home: string; source: Source; log: (told: Told) => LogInput }> = {
	Codex: {
		home: 'codex-0.169.0',
		source: codex,
		log: (told) => ({
			service: 'codex-cli',
			timeMs: told.endedAtMs,
			values: {
				'event.name': 'codex.sse_event',
				'event.kind': 'response.completed',
				'conversation.id': told.sessionId,
				model: told.model,
				input_token_count: String(told.input),
				output_token_count: String(told.output),
				cached_token_count: String(told.cacheRead),
				reasoning_token_count: String(told.reasoning),
			},
		}),
	},
	'Gemini CLI': {
		home: 'gemini-0.61.0',
		source: geminiCli,
		log: (told) => ({
			service: 'gemini-cli',
			timeMs: told.endedAtMs,
			values: {
				'event.name': 'gemini_cli.api_response',
				'event.timestamp': new Date(told.endedAtMs).toISOString(),
				'session.id': told.sessionId,
				model: told.model,
				duration_ms: told.latencyMs,
				input_token_count: told.input,
				output_token_count: told.output - told.reasoning,
				cached_content_token_count: told.cacheRead,
				thoughts_token_count: told.reasoning,
			},
		}),
	},
};

describe('what an agent reports beside what it records', () => {
	let receiving: Receiving;
	let home: string;
	beforeEach(async () => {
		home = temporaryFolder();
		receiving = new Receiving();
		await receiving.start();
	});
	afterEach(async () => {
		await receiving.stop();
		remove(home);
	});

	for (const [agent, { home: recorded, source, log }] of Object.entries(reports)) {
		for (const order of ['records first', 'reports first']) {
			it(`counts each recorded call of ${agent} once, ${order}`, async () => {
				copyRecorded(recorded, home);
				const { calls, responses } = await collect(source, placesAt(home));
				const drafts = [...calls.values(), ...responses.values()];
				const told = [...responses.values()].flatMap((draft): Told[] => {
					if (draft.usage === null) return [];
					const { usage, sessionId, model, endedAtMs } = draft;
					return [
						{
							...{ sessionId, model, endedAtMs },
							latencyMs: draft.latencyMs ?? 0,
							input: usage.inputTotal ?? 0,
							output: usage.output ?? 0,
							cacheRead: usage.cacheRead ?? 0,
							reasoning: usage.reasoning ?? 0,
						},
					];
				});
				assert.ok(told.length > 1);
				const record = () => receiving.ledger.record(drafts);
				const report = () => receiving.post('logs', logs(...told.map(log)));
				if (order === 'records first') await record();
				assert.equal((await report()).status, 200);
				if (order === 'reports first') await record();
				const both = await receiving.ledger.totals({});
				const alone = new Receiving();
				await alone.ledger.record(drafts);
				const records = await alone.ledger.totals({});
				await alone.stop();
				assert.deepEqual(
					[both.calls, both.inputTokens, both.outputTokens, both.costNanoUsd],
					[records.calls, records.inputTokens, records.outputTokens, records.costNanoUsd],
				);
			});
		}
	}
});
