import * as vscode from 'vscode';
import { describeIssues } from '../core/describe-issues.ts';
import { localTimeZone } from '../core/local-time-zone.ts';
import type { Asker } from '../ledger/answers/answer.ts';
import type { Question, questions } from '../ledger/answers/questions.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { messageOf } from './message-of.ts';

export interface LanguageModelToolsOptions {
	/** Resolves once it is open. */
	ledger: () => Promise<Ledger>;
	/** Whether prompts and completions may be handed out. */
	showsContent: () => boolean;
	log: vscode.LogOutputChannel;
}

type QuestionKey = keyof typeof questions;

/** Each tool of the manifest, by the question that it puts. */
export const toolNames = {
	usageSummary: 'callmeter_usage_summary',
	recentCalls: 'callmeter_recent_calls',
	searchPrompts: 'callmeter_search_prompts',
	explainCost: 'callmeter_explain_cost',
} as const satisfies Record<QuestionKey, string>;

/** What a person sees before a tool runs, and is asked. */
const prepared: Record<QuestionKey, (input: unknown) => vscode.PreparedToolInvocation> = {
	usageSummary: () => ({ invocationMessage: vscode.l10n.t('Adding up LLM usage') }),
	recentCalls: () => ({ invocationMessage: vscode.l10n.t('Looking at recent LLM calls') }),
	searchPrompts: prepareSearch,
	explainCost: () => ({ invocationMessage: vscode.l10n.t('Finding out where the money went') }),
};

/** Lets chats ask what was spent and why: the questions that MCP clients ask, of this window's ledger. */
export function registerLanguageModelTools(options: LanguageModelToolsOptions): vscode.Disposable[] {
	// Editors made from VS Code without its chat have no such tools.
	if (typeof vscode.lm?.registerTool !== 'function') return [];
	return (Object.keys(toolNames) as QuestionKey[]).map((key) => register(key, options));
}

/** What a search finds goes to whoever provides the chat's model: a person says whether it may. */
function prepareSearch(input: unknown): vscode.PreparedToolInvocation {
	const { text } = Object(input) as { text?: unknown };
	const words = typeof text === 'string' ? text : '';
	return {
		invocationMessage: vscode.l10n.t('Searching recorded prompts'),
		confirmationMessages: {
			title: vscode.l10n.t('Search recorded prompts and completions?'),
			message: vscode.l10n.t(
				'Text around each hit for “{0}” is handed to the language model of this chat, and so to its provider. It can come from any task of any agent in this ledger.',
				words,
			),
		},
	};
}

function register(key: QuestionKey, options: LanguageModelToolsOptions): vscode.Disposable {
	const name = toolNames[key];
	return vscode.lm.registerTool<unknown>(name, {
		prepareInvocation: ({ input }) => prepared[key](input),
		invoke: async ({ input }, token) => {
			try {
				const text = await untilCancelled(token, (signal) => answer(key, input, options, signal));
				return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
			} catch (error) {
				// Its message goes to the model; what it was about stays out of the log.
				if (!(error instanceof vscode.CancellationError)) options.log.warn(`${name} failed: ${messageOf(error)}`);
				throw error;
			}
		},
	});
}

/** The answers are read from disk when a chat asks first: few windows ever do. */
async function answer(
	key: QuestionKey,
	input: unknown,
	{ ledger, showsContent }: LanguageModelToolsOptions,
	signal: AbortSignal,
): Promise<string> {
	const { questions } = await import('../ledger/answers/questions.ts');
	const question = questions[key] as Question;
	const asked = question.input.safeParse(input ?? {});
	if (!asked.success) throw new Error(describeIssues(asked.error));
	const asker: Asker = {
		ledger: await ledger(),
		nowMs: Date.now(),
		timeZone: localTimeZone(),
		showsContent: showsContent(),
		signal,
	};
	return (await question.answer(asked.data, asker)).text;
}

/** Rejects as soon as nobody waits any more; the work hears of it, too. */
async function untilCancelled<T>(
	token: vscode.CancellationToken,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	if (token.isCancellationRequested) throw new vscode.CancellationError();
	const cancelled = new AbortController();
	const { promise, reject } = Promise.withResolvers<never>();
	const listener = token.onCancellationRequested(() => {
		reject(new vscode.CancellationError());
		cancelled.abort();
	});
	try {
		return await Promise.race([work(cancelled.signal), promise]);
	} finally {
		listener.dispose();
	}
}
