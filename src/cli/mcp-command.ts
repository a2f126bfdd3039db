import { type Command, Option } from 'commander';
import type { ContentSetting } from '../core/redact.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { LedgerRegistry } from '../ledger/registry.ts';
import { registryDirectory } from '../ledger/registry-place.ts';
import type { LedgerDoor, OpenedLedger } from '../mcp/ledger-at-hand.ts';
import { contentSettings, strictestOf } from './content-settings.ts';
import type { Environment } from './environment.ts';
import { type LedgerFile, ledgerToRead, ledgerToWrite } from './find-ledger.ts';
import { printable } from './printable.ts';

interface McpCommandOptions {
	ledger?: string;
	content: ContentSetting;
}

/** `callmeter mcp`. */
export function addMcpCommand(program: Command, environment: Environment): void {
	program
		.command('mcp')
		.description('answer agents over the Model Context Protocol, on standard input and output')
		.option('--ledger <file>', 'the ledger to read and write (default: the one of the current folder)')
		.addOption(
			new Option(
				'--content <setting>',
				'prompts and completions: kept and handed out, kept as counts, or not at all; never more than VS Code is set to',
			)
				.choices(contentSettings)
				.default('full'),
		)
		.addHelpText(
			'after',
			`
Agents start this themselves. It ends when they close its input. docs/mcp.md has the settings for each of them.

Examples:
  claude mcp add callmeter -- callmeter mcp
  callmeter mcp --ledger ~/llm.db
  callmeter mcp --content redacted`,
		)
		.action(async (options: McpCommandOptions) => {
			const { serveMcp } = await import('../mcp/serve-mcp.ts');
			const { stdin, stdout } = process;
			await serveMcp({
				door: doorOf(options, environment),
				version: environment.version,
				input: stdin,
				output: stdout,
				report: (message) => environment.err.write(`callmeter mcp: ${message.split('\n').map(printable).join('\n')}\n`),
				signal: environment.signal,
			});
			// The client may keep its side open after an interrupt, or a message that was too long.
			stdin.destroy();
		});
}

/** The ledger as every command finds it, kept by the settings of the window that it belongs to. */
function doorOf({ ledger: named, content }: McpCommandOptions, environment: Environment): LedgerDoor {
	const registry = new LedgerRegistry(registryDirectory(environment));
	const open = ({ file }: LedgerFile, readOnly: boolean): OpenedLedger => {
		const contentNow = () => strictestOf(content, registry.settingsOf(file)?.content ?? 'full');
		const prices = registry.settingsOf(file)?.prices;
		const workerPath = environment.workers.ledger;
		return { ledger: openLedger({ file, workerPath, readOnly, content: contentNow(), prices }), content: contentNow };
	};
	return {
		toRead: () => open(ledgerToRead(environment, named), true),
		toWrite: () => open(ledgerToWrite({ ...environment, nowMs: Date.now() }, named), false),
	};
}
