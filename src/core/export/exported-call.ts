import type { CallDetail } from '../views.ts';

/** A call on its way out. Where content was not asked for, its fields are empty, and the title is `null`. */
export type ExportedCall = Pick<
	CallDetail,
	| 'row'
	| 'systemPrompt'
	| 'messages'
	| 'tools'
	| 'parameters'
	| 'completion'
	| 'reasoning'
	| 'toolCalls'
	| 'usage'
	| 'usageBound'
	| 'usageNotes'
	| 'cost'
	| 'inferenceProvider'
	| 'serviceTier'
	| 'error'
	| 'mode'
	| 'folder'
	| 'gitBranch'
	| 'gitCommit'
	| 'origin'
	| 'aliases'
> & {
	/** Tools that the model asked for; `null`: no response yet. */
	toolCallCount: number | null;
};
