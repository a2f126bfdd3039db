import { join } from 'node:path';
import * as vscode from 'vscode';
import { LEDGER_FILE } from '../ledger/open-ledger.ts';
import type { LedgerPlace } from './ledger-place.ts';
import type { Settings } from './settings.ts';

/** As in the manifest. */
const providerId = 'callmeter.ledger';

export interface McpProviderOptions {
	settings: Pick<Settings, 'content' | 'onDidChange'>;
	/** The place of the ledger, once it is open; `undefined` when it can't be. Another one holds from the next reload on. */
	place: () => Promise<LedgerPlace | undefined>;
	/** Absolute path of the command line's bundle. */
	programPath: string;
	version: string;
}

/**
 * Offers VS Code's chats an MCP server on this window's ledger. VS Code starts it with its own runtime, since few users
 * have a Node that is new enough: what runs extensions on this machine is an Electron that can be a Node, or in a remote
 * server a Node.
 */
export class McpProvider
	implements vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition>, vscode.Disposable
{
	readonly #options: McpProviderOptions;
	readonly #changed = new vscode.EventEmitter<void>();
	readonly #subscriptions: vscode.Disposable[];
	readonly onDidChangeMcpServerDefinitions = this.#changed.event;

	constructor(options: McpProviderOptions) {
		this.#options = options;
		const changed = () => this.#changed.fire();
		this.#subscriptions = [
			options.settings.onDidChange(['content'], changed),
			vscode.workspace.onDidGrantWorkspaceTrust(changed),
		];
	}

	/** To be called while the extension is activated: VS Code asks for the servers right after. */
	register(): vscode.Disposable[] {
		// Editors made from VS Code without its chat have none of this.
		if (typeof vscode.lm?.registerMcpServerDefinitionProvider !== 'function') return [];
		return [vscode.lm.registerMcpServerDefinitionProvider(providerId, this)];
	}

	/** None in a workspace that is not trusted: what its files say could be meant to have prompts handed out. */
	async provideMcpServerDefinitions(): Promise<vscode.McpStdioServerDefinition[]> {
		if (!vscode.workspace.isTrusted) return [];
		const { place, programPath, settings, version } = this.#options;
		const known = await place();
		if (known === undefined) return [];
		const args = [programPath, 'mcp', '--ledger', join(known.directory, LEDGER_FILE), '--content', settings.content];
		const env = { ELECTRON_RUN_AS_NODE: '1' };
		return [new vscode.McpStdioServerDefinition('Callmeter', process.execPath, args, env, version)];
	}

	dispose(): void {
		for (const subscription of this.#subscriptions) subscription.dispose();
		this.#changed.dispose();
	}
}
