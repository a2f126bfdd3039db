import type { CompletionProperties } from '../../../src/core/completion-event.ts';

/** The properties of an `LLM Completion` event with all that it can have. */
export function completionProperties(more: Partial<CompletionProperties> = {}): CompletionProperties {
	return {
		appName: 'callmeter.callmeter',
		appVersion: '1.2.3',
		vscodeVersion: '1.125.0',
		platform: 'linux',
		editorName: 'Visual Studio Code',
		language: 'en',
		taskId: '0199c0de-0000-7000-8000-000000000001',
		parentTaskId: 'ses_1',
		mode: 'ask',
		modelId: 'anthropic/claude-sonnet-4-6',
		apiProvider: 'openrouter',
		agentId: 'callmeter',
		inputTokens: 1200,
		outputTokens: 80,
		cacheWriteTokens: 0,
		cacheReadTokens: 100,
		cost: 0.0048,
		completionTime: 905,
		inferenceProvider: 'bedrock',
		...more,
	};
}
