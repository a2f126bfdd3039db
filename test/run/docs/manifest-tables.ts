import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Setting {
	type: string;
	default: unknown;
	scope: string;
	order: number;
	enum?: string[];
	enumDescriptions?: string[];
	markdownDescription?: string;
	description?: string;
}

const root = join(import.meta.dirname, '../../..');
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** What each command does, in a sentence: the palette has only its title. */
const does: Readonly<Record<string, string>> = {
	'callmeter.showUsage': 'Opens the panel.',
	'callmeter.searchPrompts': 'Opens the panel with the search of all prompts and answers.',
	'callmeter.showAnalytics': 'Opens the panel with charts by model, agent, project and time.',
	'callmeter.showDiagnostics': 'Opens the panel with tokens, cache hits and latency, call by call.',
	'callmeter.toggleRunDiagnostics': 'Switches the diagnostics of one task on or off.',
	'callmeter.runSampleTask': 'Runs a task on a scripted model: no key, no network.',
	'callmeter.runTask':
		"Runs a task of yours that reads and searches this workspace, on a provider or one of VS Code's models.",
	'callmeter.setApiKey': 'Keeps or removes the key of a provider, in secret storage.',
	'callmeter.showSources': 'Shows which agents were found, how far they are read, and a switch for each.',
	'callmeter.importNow': 'Reads all records again now.',
	'callmeter.importAllHistory': 'Reads all that agents recorded, not only the last 90 days.',
	'callmeter.stopImport': 'Stops the import that runs.',
	'callmeter.startServer': 'Starts the local server for this window.',
	'callmeter.stopServer': 'Stops it.',
	'callmeter.copyServerEndpoint': 'Copies its address.',
	'callmeter.copyServerToken': 'Copies its token.',
	'callmeter.export':
		'Writes calls or the report of a task to a file, or sends them to an OTLP receiver that you name.',
	'callmeter.importEvents': 'Reads in what was exported as JSONL, from this machine or another.',
	'callmeter.verifyLedger': 'Checks the hash chains and the sums of the ledger.',
	'callmeter.erasePromptContent': 'Erases texts, sample tasks, or everything.',
	'callmeter.setTelemetryHeaders': 'Keeps the headers that your telemetry receiver wants, in secret storage.',
	'callmeter.openSettings': 'Opens the settings of Callmeter.',
	'callmeter.openWalkthrough': 'Opens the walkthrough.',
	'callmeter.showLog': 'Shows the log. It has no prompts and no keys.',
};

/** The commands of the manifest, in its order. */
export function commandTable(): string {
	const titles = json('package.nls.json');
	const rows = json('package.json').contributes.commands.map(
		({ command, title }: { command: string; title: string }) => {
			const said = does[command];
			if (said === undefined) throw new Error(`Say what ${command} does`);
			return `| **LLM Usage: ${titles[title.slice(1, -1)]}** | \`${command}\` | ${said} |`;
		},
	);
	if (rows.length < Object.keys(does).length) {
		const ids = json('package.json').contributes.commands.map(({ command }: { command: string }) => command);
		const stale = Object.keys(does).filter((command) => !ids.includes(command));
		if (stale.length > 0) throw new Error(`There is no ${stale}`);
	}
	return ['| command | id | what it does |', '|---|---|---|', ...rows].join('\n');
}

/** The settings of the manifest, in the order in which VS Code shows them. */
export function settingList(): string {
	const titles: Record<string, string> = json('package.nls.json');
	const text = (key = ''): string => titles[key.slice(1, -1)] ?? key;
	const settings: [string, Setting][] = Object.entries(json('package.json').contributes.configuration.properties);
	return settings
		.sort(([, one], [, other]) => one.order - other.order)
		.map(([name, setting]) => {
			const { enum: values, enumDescriptions = [], default: standard, scope } = setting;
			const choices = (values ?? []).map((value, at) => `- \`${value}\`: ${text(enumDescriptions[at])}`);
			const shown = typeof standard === 'object' ? '' : `Default \`${JSON.stringify(standard)}\`. `;
			return [
				`### \`${name}\``,
				text(setting.markdownDescription ?? setting.description),
				...(choices.length > 0 ? [choices.join('\n')] : []),
				`${shown}Scope: \`${scope}\`.`,
			].join('\n\n');
		})
		.join('\n\n');
}
