import assert from 'node:assert/strict';
import type { LlmAnalyticsQuery, LlmAnalyticsResult } from '../../../src/core/outside/analytics-result.ts';
import type { LoggedCallInput } from '../../../src/core/outside/logged-call.ts';
import type { ProviderApi } from '../../../src/core/provider-api.ts';
import type * as Sdk from '../../../src/sdk/types.ts';
import type { CallContext } from '../../../src/task/hook/call-context.ts';

/** `true` when each type takes the other's values and both have the same properties, optional ones among them. */
type Same<A, B> = [A] extends [B]
	? [B] extends [A]
		? [Required<A>] extends [Required<B>]
			? [Required<B>] extends [Required<A>]
				? true
				: 'a property is missing in the schema'
			: 'a property is missing in the types'
		: 'the types are narrower'
	: 'the types are wider';

/** Does not compile when what the SDK's users read and what is checked differ. */
const same: {
	call: Same<Omit<Sdk.LlmCallParams, 'api'>, LoggedCallInput>;
	query: Same<Sdk.LlmAnalyticsParams, LlmAnalyticsQuery>;
	analytics: Same<Sdk.LlmAnalyticsResult, LlmAnalyticsResult>;
	api: Same<Sdk.LlmApi, ProviderApi>;
	wrapped: Same<
		Omit<Sdk.WrapOptions, 'sessionId' | 'parentSessionId' | 'agentId' | 'redact'>,
		Omit<
			CallContext,
			'sink' | 'agentId' | 'taskId' | 'parentTaskId' | 'source' | 'agentProvider' | 'log' | 'drainMs' | 'protocol'
		> & { protocol?: 'anthropic' | 'openai' | 'gemini' | undefined }
	>;
} = { call: true, query: true, analytics: true, api: true, wrapped: true };

describe('the types of the SDK', () => {
	it('story 3.2: TypeScript types are correct: they are those of the schemas, member by member', () => {
		assert.ok(Object.values(same).every((each) => each === true));
	});
});
