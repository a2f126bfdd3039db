import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { ApiHandler } from '../task/api-handler.ts';
import { handlerReason } from '../task/handlers/handler-error.ts';
import { loadHandler } from '../task/handlers/load.ts';
import { samplePrompt } from '../task/handlers/sample-script.ts';
import { type RunningTask, sampleSource, startTask } from '../task/start-task.ts';
import type { TaskResult } from '../task/task.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Endpoint } from './endpoint.ts';
import { messageOf } from './message-of.ts';
import type { Recording } from './recording.ts';
import type { Settings } from './settings.ts';
import { askTaskTarget } from './task-target.ts';

export interface TaskRunnerOptions {
	context: vscode.ExtensionContext;
	settings: Settings;
	recording: Recording;
	diagnostics: Diagnostics;
	keys: ApiKeys;
	log: vscode.LogOutputChannel;
	/** Opens the panel: whoever starts a task wants to see its calls. */
	showPanel: () => void;
}

interface Plan {
	handler: ApiHandler;
	/** `null`: the scripted model, or one of VS Code's; neither needs a key. */
	endpoint: Endpoint | null;
	billing?: 'api' | 'subscription';
	title: string;
	prompt: string;
	source?: string;
}

/** A task that is told to stop does so at once, unless its provider's client hangs, in milliseconds. */
const stopLimitMs = 1000;

/** Runs the built-in Task loop: the sample on the scripted model, or a task of the user's on a provider. */
export class TaskRunner implements vscode.Disposable {
	readonly #options: TaskRunnerOptions;
	readonly #sampleEmitter = new vscode.EventEmitter<void>();
	readonly #running = new Set<RunningTask>();
	#sample: Promise<TaskResult> | undefined;

	/** The sample task has started or ended. */
	readonly onDidChangeSample = this.#sampleEmitter.event;

	constructor(options: TaskRunnerOptions) {
		this.#options = options;
	}

	get sampleRunning(): boolean {
		return this.#sample !== undefined;
	}

	/** Runs the sample task to its end; one that runs already is joined. Needs no key and no network. */
	runSample(): Promise<TaskResult> {
		this.#options.showPanel();
		this.#sample ??= this.#runSample().finally(() => {
			this.#sample = undefined;
			this.#sampleEmitter.fire();
		});
		this.#sampleEmitter.fire();
		return this.#sample;
	}

	/** Asks for provider, key, model and prompt where they are not known, and runs the task. */
	async runTask(): Promise<TaskResult | undefined> {
		if (!vscode.workspace.isTrusted) {
			void vscode.window.showWarningMessage(vscode.l10n.t('Trust this workspace to run a task against a provider.'));
			return undefined;
		}
		const { keys, settings } = this.#options;
		const target = await askTaskTarget(keys, settings);
		if (target === undefined) return undefined;
		const prompt = await vscode.window.showInputBox({
			title: vscode.l10n.t('What should the task do?'),
			prompt: vscode.l10n.t(
				'It can read and search files of this workspace, and sends what it reads to {0}. Nothing is changed.',
				target.recipient,
			),
			ignoreFocusOut: true,
		});
		if (!prompt?.trim()) return undefined;
		const { handler, endpoint, billing } = target;
		this.#options.showPanel();
		return this.#run({ handler, endpoint, billing, prompt, title: vscode.l10n.t('Task') });
	}

	/** Cancels what runs. Resolves when that has ended, with its last words recorded. */
	async stop(): Promise<void> {
		const tasks = [...this.#running];
		for (const task of tasks) task.cancel();
		await Promise.race([Promise.all(tasks.map(({ done }) => done)), sleep(stopLimitMs, undefined, { ref: false })]);
	}

	dispose(): void {
		this.#sampleEmitter.dispose();
	}

	async #runSample(): Promise<TaskResult> {
		return this.#run({
			handler: await loadHandler({ kind: 'scripted' }),
			endpoint: null,
			title: vscode.l10n.t('Sample task'),
			prompt: samplePrompt,
			source: sampleSource,
		});
	}

	async #run(plan: Plan): Promise<TaskResult> {
		const workspaceRoot = await this.#workspaceRoot();
		const result = await vscode.window.withProgress(
			{ location: vscode.ProgressLocation.Notification, title: plan.title, cancellable: true },
			(progress, cancellation) => this.#runWith(plan, workspaceRoot, progress, cancellation),
		);
		this.#tellEnd(result, plan.endpoint);
		return result;
	}

	async #runWith(
		{ handler, prompt, source, billing }: Plan,
		workspaceRoot: string,
		progress: vscode.Progress<{ message: string }>,
		cancellation: vscode.CancellationToken,
	): Promise<TaskResult> {
		const { recording, diagnostics, log } = this.#options;
		const task = startTask({
			handler,
			sink: recording,
			workspaceRoot,
			prompt,
			...(source !== undefined && { source }),
			billing,
			log: (message, error) => log.warn(`${message}: ${error instanceof Error ? error.name : typeof error}`),
			onEvent(event) {
				if (event.type === 'request') progress.report({ message: vscode.l10n.t('request {0}', event.step) });
				if (event.type === 'retry') progress.report({ message: vscode.l10n.t('trying again ({0})', event.reason) });
			},
		});
		this.#running.add(task);
		const listener = cancellation.onCancellationRequested(() => task.cancel());
		try {
			return await task.done;
		} finally {
			listener.dispose();
			this.#running.delete(task);
			diagnostics.runEnded(task.taskId);
		}
	}

	/** A person hears why a task did not get to its end, and what to do. The answer itself is in the panel. */
	#tellEnd(result: TaskResult, endpoint: Endpoint | null): void {
		if (result.state === 'exhausted') {
			void vscode.window.showWarningMessage(
				vscode.l10n.t('The task was stopped: the model did not come to an end within its number of requests.'),
			);
		}
		if (result.state !== 'failed') return;
		const reason = handlerReason(result.error) ?? 'unknown';
		// What the provider said may quote the prompt: it is shown, and kept out of the log.
		this.#options.log.error(`A task failed: ${reason}`);
		const setKey = vscode.l10n.t('Set API Key…');
		const wantsKey = endpoint !== null && (reason === 'authentication' || reason === 'permission');
		void vscode.window
			.showErrorMessage(vscode.l10n.t('The task failed: {0}', messageOf(result.error)), ...(wantsKey ? [setKey] : []))
			.then((answer) => {
				if (answer === setKey && endpoint !== null) return this.#options.keys.change(endpoint);
				return undefined;
			});
	}

	/** The workspace's first folder on disk; without one, a small project of our own. */
	async #workspaceRoot(): Promise<string> {
		const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
		if (folder !== undefined) return folder.uri.fsPath;
		const { extensionUri, globalStorageUri } = this.#options.context;
		const sample = join(globalStorageUri.fsPath, 'sample');
		await mkdir(sample, { recursive: true });
		await cp(vscode.Uri.joinPath(extensionUri, 'media', 'sample').fsPath, sample, { recursive: true });
		return sample;
	}
}
