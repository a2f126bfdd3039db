import * as vscode from 'vscode';
import { firstText, peek } from '../core/foreign.ts';
import type { Message, ToolDefinition } from '../core/message.ts';
import { usageFromOpenAi } from '../core/usage-protocols.ts';
import type { ApiHandler, ApiStream, ApiStreamChunk, ModelInfo, RequestMetadata } from '../task/api-handler.ts';
import { HandlerError, type HandlerErrorReason } from '../task/handlers/handler-error.ts';
import { textOf } from '../task/handlers/message-text.ts';
import { named, usageChunkOf } from '../task/handlers/usage-chunk.ts';

type Parts = (vscode.LanguageModelTextPart | vscode.LanguageModelToolCallPart | vscode.LanguageModelToolResultPart)[];

/** The vendor of GitHub Copilot's models in VS Code. */
const copilotVendor = 'copilot';
/** MIME type of the data part in which Copilot's models tell, last of all, what a request took: OpenAI's `usage`, as JSON. */
const usageType = 'usage';

/**
 * A model that VS Code itself offers to extensions, GitHub Copilot's or another extension's.
 *
 * VS Code's API tells neither finish reason nor usage. Where a provider adds its usage as a data part, that is taken;
 * where it does not, the usage stays unknown: counting the prompt again with the model's tokenizer would be a guess.
 */
export class LmHandler implements ApiHandler {
	readonly #model: vscode.LanguageModelChat;

	constructor(model: vscode.LanguageModelChat) {
		this.#model = model;
	}

	/** Copilot's models belong to a plan; what others cost is up to whoever provides them. */
	get billing(): 'api' | 'subscription' {
		return this.#model.vendor === copilotVendor ? 'subscription' : 'api';
	}

	getModel(): ModelInfo {
		const { id, vendor } = this.#model;
		return { id, provider: vendor === copilotVendor ? 'github-copilot' : vendor, protocol: 'openai' };
	}

	getParameters(): Record<string, unknown> {
		const { vendor, family, version } = this.#model;
		return { vendor, family, version };
	}

	async *createMessage(systemPrompt: string, messages: Message[], metadata?: RequestMetadata): ApiStream {
		const signal = metadata?.signal;
		const cancellation = new vscode.CancellationTokenSource();
		const cancel = (): void => cancellation.cancel();
		try {
			if (signal?.aborted) throw signal.reason;
			signal?.addEventListener('abort', cancel, { once: true });
			const tools = (metadata?.tools ?? []).map(toolOf);
			const { stream } = await this.#model.sendRequest(
				[vscode.LanguageModelChatMessage.User(systemPrompt), ...chatMessages(messages)],
				{
					justification: vscode.l10n.t('To run the task that you asked for with "LLM Usage: Run Task".'),
					...(tools.length > 0 && { tools }),
				},
				cancellation.token,
			);
			for await (const part of stream) yield* chunksOf(part);
			// A cancelled stream may end as if it were complete.
			signal?.throwIfAborted();
		} catch (error) {
			throw lmError(error, signal?.aborted === true);
		} finally {
			signal?.removeEventListener('abort', cancel);
			// Also tells a provider that is not done that nobody reads on.
			cancel();
			cancellation.dispose();
		}
	}
}

function* chunksOf(part: unknown): Generator<ApiStreamChunk> {
	if (part instanceof vscode.LanguageModelTextPart) {
		if (part.value !== '') yield { type: 'text', text: part.value };
	} else if (part instanceof vscode.LanguageModelToolCallPart) {
		// Whatever its type says: providers leave it out where a tool takes nothing.
		yield { type: 'tool_call', id: part.callId, name: part.name, arguments: JSON.stringify(part.input ?? {}) };
	} else if (part instanceof vscode.LanguageModelDataPart) {
		const usage = part.mimeType === usageType ? usageFromOpenAi(json(part.data)) : null;
		if (usage !== null) yield usageChunkOf(usage, 'openai');
	} else if (isThinking(part)) {
		const value = peek(part, 'value');
		const text = Array.isArray(value) ? value.join('') : firstText(value);
		if (text !== null && text !== '') yield { type: 'reasoning', text };
	}
}

/** Whether it is a `LanguageModelThinkingPart`, which VS Code has but does not declare to extensions yet. */
function isThinking(part: unknown): boolean {
	const thinking: unknown = Reflect.get(vscode, 'LanguageModelThinkingPart');
	return typeof thinking === 'function' && part instanceof thinking;
}

function json(data: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(data));
	} catch {
		return null;
	}
}

/**
 * Our messages as VS Code's, which knows two roles: tool results are the user's, and neighbours of one role are joined,
 * so that the results of one answer stay together.
 */
function chatMessages(messages: readonly Message[]): vscode.LanguageModelChatMessage[] {
	const { User, Assistant } = vscode.LanguageModelChatMessageRole;
	const joined: { role: vscode.LanguageModelChatMessageRole; parts: Parts }[] = [];
	for (const message of messages) {
		const role = message.role === 'assistant' ? Assistant : User;
		const last = joined.at(-1);
		if (last?.role === role) last.parts.push(...partsOf(message));
		else joined.push({ role, parts: partsOf(message) });
	}
	return joined.map(({ role, parts }) => new vscode.LanguageModelChatMessage(role, parts));
}

function partsOf(message: Message): Parts {
	const text = new vscode.LanguageModelTextPart(textOf(message));
	if (message.role === 'tool') return [new vscode.LanguageModelToolResultPart(message.toolCallId ?? '', [text])];
	const calls = (message.toolCalls ?? []).map(({ id, name, arguments: input }) => {
		// The API takes objects only; what a model wrote that is no object goes back under a name of its own.
		const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
		return new vscode.LanguageModelToolCallPart(id, name, isObject ? input : { text: input });
	});
	return text.value === '' && calls.length > 0 ? calls : [text, ...calls];
}

function toolOf({ name, description, parameters }: ToolDefinition): vscode.LanguageModelChatTool {
	return { name, description: description ?? name, ...named('inputSchema', parameters) };
}

const maxMessageLength = 2000;

function lmError(error: unknown, aborted: boolean): HandlerError {
	if (aborted || error instanceof vscode.CancellationError) {
		return new HandlerError('aborted', 'The request was aborted.');
	}
	const said = firstText(peek(error, 'message'), peek(peek(error, 'cause'), 'message'));
	return new HandlerError(reasonOf(error), (said ?? 'The request failed.').slice(0, maxMessageLength));
}

/** The reason by VS Code's code of a `LanguageModelError`. It says "Blocked" when a quota is used up. */
function reasonOf(error: unknown): HandlerErrorReason {
	const { NoPermissions, NotFound, Blocked } = vscode.LanguageModelError;
	switch (error instanceof vscode.LanguageModelError ? error.code : undefined) {
		case NoPermissions.name:
			return 'permission';
		case NotFound.name:
			return 'notFound';
		case Blocked.name:
			return 'quota';
		default:
			return 'unknown';
	}
}
