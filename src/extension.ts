import type * as vscode from 'vscode';
import type { CallmeterApi } from './api.ts';
import { Services } from './host/services.ts';

let services: Services | undefined;

/** Registers everything and returns the API for other extensions. Opens no database: the ledger's worker does. */
export function activate(context: vscode.ExtensionContext): CallmeterApi {
	const startMs = performance.now();
	const started = new Services(context);
	services = started;
	// VS Code disposes of this right after it has called `deactivate`; the parts go once all is on disk.
	context.subscriptions.push({ dispose: () => void started.close() });
	started.start();
	// How long it took, where profilers, tests and the bench find it.
	performance.measure('callmeter.activate', { start: startMs });
	return started.api;
}

/** Waits until what was recorded is on disk. */
export async function deactivate(): Promise<void> {
	await services?.close();
	services = undefined;
}
