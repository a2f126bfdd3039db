import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { agreeOnLedger, listLedger } from '../ledger/agree-on-ledger.ts';
import { LEDGER_FILE } from '../ledger/open-ledger.ts';
import { LedgerRegistry } from '../ledger/registry.ts';
import { registryDirectory } from '../ledger/registry-place.ts';
import type { SourceScope } from '../protocol/sources.ts';
import { messageOf } from './message-of.ts';
import type { Settings } from './settings.ts';

/** Where this window's ledger is. */
export interface LedgerPlace {
	/** Absolute folder. */
	directory: string;
	/** Whose calls come together there. A folder that the user named may be named by any other workspace. */
	holds: 'workspace' | 'windowsWithoutFolder' | 'allProjects' | 'namedFolder';
}

/**
 * The place of this window's ledger: the one the user named, else that of a window which had these folders
 * before, else the workspace's own storage, else, in a window without a folder or for all projects, the extension's
 * global storage. It is put on the list of ledgers.
 *
 * A second window of the same folders can have another storage folder than the first: it must find the ledger that is
 * there. Rejects with a sentence for a person when the folder named in the settings is not absolute.
 */
export async function findLedgerPlace(
	context: vscode.ExtensionContext,
	settings: Settings,
	scope: SourceScope,
	log: vscode.LogOutputChannel,
): Promise<LedgerPlace> {
	const named = settings.ledgerDirectory;
	if (named !== '' && !isAbsolute(named)) {
		throw new Error(
			vscode.l10n.t('The setting callmeter.ledger.directory must be an absolute path, and is "{0}".', named),
		);
	}
	const all = scope === 'allProjects';
	const own = (all ? context.globalStorageUri : (context.storageUri ?? context.globalStorageUri)).fsPath;
	const claim = {
		ledger: join(named === '' ? own : named, LEDGER_FILE),
		folders: all ? [] : await workspaceFolders(),
		name: all ? vscode.l10n.t('All projects') : (vscode.workspace.name ?? ''),
		nowMs: Date.now(),
		chosen: named !== '',
	};
	const holds = whatItHolds(named, all, context.storageUri !== undefined);
	const registry = new LedgerRegistry(
		registryDirectory({ platform: process.platform, home: homedir(), env: process.env }),
	);
	try {
		if (named === '' && claim.folders.length > 0) return { directory: dirname(agreeOnLedger(registry, claim)), holds };
		listLedger(registry, claim);
	} catch (error) {
		// Without the list everything works in this window; only other programs do not find the ledger.
		log.warn(`The list of ledgers could not be written: ${messageOf(error)}`);
	}
	return { directory: dirname(claim.ledger), holds };
}

function whatItHolds(named: string, all: boolean, hasStorage: boolean): LedgerPlace['holds'] {
	if (named !== '') return 'namedFolder';
	if (all) return 'allProjects';
	return hasStorage ? 'workspace' : 'windowsWithoutFolder';
}

async function workspaceFolders(): Promise<string[]> {
	const local = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
	return Promise.all(local.map(({ uri }) => realpath(uri.fsPath).catch(() => uri.fsPath)));
}
