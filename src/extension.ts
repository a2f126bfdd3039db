import type * as vscode from 'vscode';
import type { CallmeterApi } from './api.ts';
import { Services } from './host/services.ts';

let services: Services | undefined;

/** Registers everything and returns the API for other extensions. Opens no database: the ledger's worker does. */
export function activate(context: vscode.ExtensionContext): CallmeterApi {
	services = new Services(context);
	services.start();
	return services.api;
}

/** Waits until what was recorded is on disk. */
export async function deactivate(): Promise<void> {
	await services?.close();
	services = undefined;
}
