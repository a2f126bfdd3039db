import * as vscode from 'vscode';
import { pickProvider } from './api-keys.ts';
import { erasePromptContent, verifyLedger } from './ledger-commands.ts';
import type { Services } from './services.ts';
import { showProblem } from './show-problem.ts';
import { toggleRunDiagnostics } from './toggle-run-diagnostics.ts';

/** Every command of the manifest and what it runs; a test holds the two equal. */
export const commands = {
	'callmeter.showUsage': ({ panel }) => panel.show(),
	'callmeter.runSampleTask': ({ tasks }) => tasks.runSample(),
	'callmeter.runTask': ({ tasks }) => tasks.runTask(),
	'callmeter.setApiKey': async ({ keys, settings }) => {
		const provider = await pickProvider();
		if (provider !== undefined) await keys.change(settings.taskEndpoint(provider));
	},
	'callmeter.searchPrompts': ({ panel }) => panel.show('prompts', 'search'),
	'callmeter.showAnalytics': ({ panel }) => panel.show('analytics'),
	'callmeter.showDiagnostics': ({ panel }) => panel.show('diagnostics'),
	'callmeter.toggleRunDiagnostics': ({ diagnostics, panel }) => toggleRunDiagnostics(diagnostics, panel),
	'callmeter.showSources': ({ panel }) => panel.show('sources'),
	'callmeter.importNow': ({ sources }) => sources.importNow(),
	'callmeter.importAllHistory': ({ sources }) => sources.importEverything(),
	'callmeter.stopImport': ({ sources }) => sources.stopImport(),
	'callmeter.startServer': ({ server }) => server.startByCommand(),
	'callmeter.stopServer': ({ server }) => server.stopByCommand(),
	'callmeter.copyServerEndpoint': ({ server }) => server.copyEndpoint(),
	'callmeter.copyServerToken': ({ serverApi }) => serverApi.copyToken(),
	'callmeter.verifyLedger': ({ ledger }) => verifyLedger(ledger),
	'callmeter.erasePromptContent': ({ ledger }) => erasePromptContent(ledger),
	'callmeter.setTelemetryHeaders': ({ telemetry }) => telemetry.setHeaders(),
	'callmeter.export': ({ exporter }) => exporter.run(),
	'callmeter.importEvents': ({ exporter }) => exporter.importEvents(),
	'callmeter.openSettings': ({ extensionId }) =>
		vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${extensionId}`),
	'callmeter.openWalkthrough': ({ extensionId }) =>
		vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#start`, false),
	'callmeter.showLog': ({ log }) => log.show(),
} satisfies Record<string, (services: Services) => unknown>;

/** Registers them all. One that fails says why, and goes to the log. */
export function registerCommands(services: Services): vscode.Disposable[] {
	return Object.entries(commands).map(([id, run]) =>
		vscode.commands.registerCommand(id, async () => {
			try {
				return await run(services);
			} catch (error) {
				showProblem(services.log, error);
				return undefined;
			}
		}),
	);
}
