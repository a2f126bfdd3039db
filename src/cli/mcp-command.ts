import { type Command, Option } from 'commander';
import type { ContentSetting } from '../core/redact.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import type { LedgerDoor, OpenedLedger } from '../mcp/ledger-at-hand.ts';
import { contentSettings } from './content-settings.ts';
import type { Environment } from './environment.ts';
import { type LedgerFile, ledgerToRead, ledgerToWrite } from './find-ledger.ts';
import { KeptSettings } from './kept-settings.ts';
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
	const open = ({ file }: LedgerFile, readOnly: boolean): OpenedLedger => {
		const settings = new KeptSettings(environment, file, content);
		const ledger = openLedger({ file, workerPath: environment.workers.ledger, readOnly, ...settings.toOpen() });
		return { ledger, content: () => settings.now().content, renew: () => settings.apply(ledger) };
	};
	return {
		toRead: () => open(ledgerToRead(environment, named), true),
		toWrite: () => open(ledgerToWrite({ ...environment, nowMs: Date.now() }, named), false),
	};
}
