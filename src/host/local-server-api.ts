import { realpathSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import * as vscode from 'vscode';
import { OfferedApi } from '../server/api/offered-api.ts';
import type { ServerList } from '../server/discovery/server-list.ts';
import type { ServerLog } from '../server/local-server.ts';
import type { ServerOffer } from './local-server-service.ts';
import { messageOf } from './message-of.ts';

export interface ApiOfferOptions {
	isOn(): boolean;
	/** Absolute path of the worker's bundle. */
	workerPath: string;
	/** Throws while the ledger is not open. */
	connectLedger(): MessagePort;
	list: ServerList;
	/** Of the extension. */
	version: string;
	/** The window's ledger takes the calls of every project, and not of its folders alone. */
	holdsAllProjects(): boolean;
	log: ServerLog;
}

/** The HTTP API as the local server offers it, and its token. */
export class ApiOffer implements ServerOffer {
	readonly #options: ApiOfferOptions;

	constructor(options: ApiOfferOptions) {
		this.#options = options;
	}

	isOn(): boolean {
		return this.#options.isOn();
	}

	open(): ReturnType<ServerOffer['open']> {
		const { workerPath, connectLedger, list, version, log } = this.#options;
		let api: OfferedApi;
		try {
			const folders = () => this.#folders();
			api = new OfferedApi({ workerFile: workerPath, connectLedger, list, version, folders, log });
		} catch (error) {
			log.warn(`The HTTP API is not there, since its token cannot be kept: ${messageOf(error)}`);
			return { routes: [], close: () => Promise.resolve() };
		}
		return {
			routes: api.routes,
			listening: (port) => {
				try {
					api.listening(port);
				} catch (error) {
					log.warn(`The list of servers could not be written: ${messageOf(error)}`);
				}
			},
			close: () => api.close(),
		};
	}

	/** Says where the token is kept, and copies it on press. Makes it if there is none. */
	async copyToken(): Promise<void> {
		const { list } = this.#options;
		const token = list.tokenOrNew();
		const copy = vscode.l10n.t('Copy Token');
		const answer = await vscode.window.showInformationMessage(
			vscode.l10n.t(
				'Programs show this token to the local servers of this machine. Whoever has it can read all prompts. It is kept in {0}, which only you can read.',
				list.tokenFile,
			),
			copy,
		);
		if (answer !== copy) return;
		await vscode.env.clipboard.writeText(token);
		vscode.window.setStatusBarMessage(vscode.l10n.t('Copied the token of the local server'), 3_000);
	}

	#folders(): string[] {
		if (this.#options.holdsAllProjects()) return [];
		const local = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
		return local.map(({ uri }) => {
			try {
				return realpathSync.native(uri.fsPath);
			} catch {
				return uri.fsPath;
			}
		});
	}
}
