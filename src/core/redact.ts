import type { CallDraft, ContentState, CostDraft, Draft, ResponseDraft } from './draft.ts';
import { maskSecrets } from './mask-secrets.ts';
import type { Message, ToolCall } from './message.ts';
import { messageCountOf, plainParameters } from './stored-events.ts';

/** How content is kept, as the user set it. */
export type ContentSetting = Extract<ContentState, 'full' | 'redacted' | 'off'>;

/** A draft as it may be stored, and how many secrets were masked in what is left of it. */
export interface Storable<D extends Draft> {
	draft: D;
	masked: number;
}

/**
 * The draft as it may be stored. The one place where content is kept back.
 *
 * - `full`: everything, with secrets masked in every text: prompts, any string inside message parts, tool arguments,
 *   results and definitions, parameters, titles, completions, reasoning, error messages.
 * - `redacted`: roles, counts and metadata; no text, arguments, results, definitions or titles. Tool calls stay as
 *   bare ids, so that they can be counted and matched with their results.
 * - `off`: counts and metadata only.
 *
 * A draft whose origin already took content out is held to that (`contentState` `redacted`, `off`), whatever it brings.
 */
export function applyContentSetting<D extends Draft>(draft: D, setting: ContentSetting): Storable<D>;
export function applyContentSetting(draft: Draft, setting: ContentSetting): Storable<Draft> {
	const masker = new Masker();
	const stored = keep(draft, setting, masker);
	return { draft: stored, masked: masker.count };
}

function keep(draft: Draft, setting: ContentSetting, masker: Masker): Draft {
	const origin = { ...draft.origin, ...(draft.origin.record && { record: masker.text(draft.origin.record) }) };
	switch (draft.eventType) {
		case 'llm_call':
			return { ...keepCall(draft, stricter(draft.contentState, setting), masker), origin };
		case 'llm_response':
			return { ...keepResponse(draft, stricter(draft.contentState, setting), masker), origin };
		case 'cost_tracked':
			return { ...keepCost(draft, setting, masker), origin };
	}
}

/** What to do with a draft's content: what its origin did already, or the setting when that keeps back more. */
function stricter(state: ContentState, setting: ContentSetting): ContentSetting {
	if (state === 'off' || setting === 'off') return 'off';
	return state === 'redacted' || setting === 'redacted' ? 'redacted' : 'full';
}

/** `none` and `erased` stay: that there was no content to begin with says more than that none is kept. */
function stateAfter(state: ContentState, kept: ContentSetting): ContentState {
	return state === 'none' || state === 'erased' ? state : kept;
}

function keepCall(draft: CallDraft, kept: ContentSetting, masker: Masker): CallDraft {
	const contentState = stateAfter(draft.contentState, kept);
	if (kept === 'full') {
		return {
			...draft,
			title: masker.nullable(draft.title),
			systemPrompt: masker.nullable(draft.systemPrompt),
			messages: masker.leaves(draft.messages),
			tools: masker.leaves(draft.tools),
			parameters: masker.leaves(draft.parameters),
			contentState,
		};
	}
	return {
		...draft,
		title: null,
		systemPrompt: null,
		messages: kept === 'redacted' ? draft.messages.map(bareMessage) : [],
		tools: [],
		parameters: plainParameters(draft.parameters),
		contentState,
		messageCount: messageCountOf(draft),
	};
}

function keepResponse(draft: ResponseDraft, kept: ContentSetting, masker: Masker): ResponseDraft {
	const contentState = stateAfter(draft.contentState, kept);
	if (kept === 'full') {
		return {
			...draft,
			completion: masker.nullable(draft.completion),
			reasoning: masker.nullable(draft.reasoning),
			toolCalls: masker.leaves(draft.toolCalls),
			error: draft.error && { ...draft.error, message: masker.text(draft.error.message) },
			contentState,
		};
	}
	return {
		...draft,
		completion: null,
		reasoning: null,
		toolCalls: kept === 'redacted' ? draft.toolCalls.map(bareToolCall) : [],
		error: draft.error && { ...draft.error, message: '' },
		contentState,
	};
}

function keepCost(draft: CostDraft, setting: ContentSetting, masker: Masker): CostDraft {
	return { ...draft, description: setting === 'full' ? masker.nullable(draft.description) : null };
}

function bareMessage({ role, toolCallId, toolCalls }: Message): Message {
	return {
		role,
		content: '',
		...(toolCallId !== undefined && { toolCallId }),
		...(toolCalls && { toolCalls: toolCalls.map(bareToolCall) }),
	};
}

function bareToolCall({ id }: ToolCall): ToolCall {
	return { id, name: '', arguments: null };
}

/** Masks texts and counts what it masked. */
class Masker {
	count = 0;

	text(text: string): string {
		const { text: masked, findings } = maskSecrets(text);
		this.count += findings.length;
		return masked;
	}

	nullable(text: string | null): string | null {
		return text === null ? null : this.text(text);
	}

	/** Every string inside `value`, at any depth. What holds no secret is returned as it is, not copied. */
	leaves<T>(value: T): T;
	leaves(value: unknown): unknown {
		if (typeof value === 'string') return this.text(value);
		if (typeof value !== 'object' || value === null) return value;
		return Array.isArray(value) ? this.#array(value) : this.#object(value);
	}

	#array(array: readonly unknown[]): readonly unknown[] {
		let copy: unknown[] | null = null;
		for (let i = 0; i < array.length; i++) {
			const masked = this.leaves(array[i]);
			if (masked === array[i]) continue;
			copy ??= [...array];
			copy[i] = masked;
		}
		return copy ?? array;
	}

	#object(object: object): object {
		let copy: Record<string, unknown> | null = null;
		for (const [key, value] of Object.entries(object)) {
			const masked = this.leaves(this.#named(key, value));
			if (masked === value) continue;
			copy ??= { ...object };
			copy[key] = masked;
		}
		return copy ?? object;
	}

	/** In `{ apiKey: '…' }` it is the name that gives the value away: the two are looked at together. */
	#named(key: string, value: unknown): unknown {
		if (typeof value !== 'string' || value.length < 6 || value.length > 4096 || !TELLING_NAME.test(key)) return value;
		const prefix = `${key}="`;
		const { text, findings } = maskSecrets(`${prefix}${value}"`);
		if (findings.length === 0 || !text.startsWith(prefix)) return value;
		this.count += findings.length;
		return text.slice(prefix.length, -1);
	}
}

const TELLING_NAME = /secret|token|passw|pwd|key|credential|auth/i;
