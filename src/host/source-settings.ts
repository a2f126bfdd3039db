import { homedir } from 'node:os';
import { dirname, isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import type { SourceScope } from '../protocol/sources.ts';
import { globalStorageFolders } from '../sources/editor-storage.ts';
import { placeEnvironment } from '../sources/place-variables.ts';
import type { Places } from '../sources/source.ts';

const section = 'callmeter';

/** The agents' own settings for another folder, by source id. */
const customFolders = {
	'kilo-code': 'kilo-code.customStoragePath',
	'roo-code': 'roo-cline.customStoragePath',
	'zoo-code': 'zoo-code.customStoragePath',
} as const;

/** The settings that say which agents' calls are recorded, of which projects, and where their records are. */
export class SourceSettings {
	readonly #globalStorage: string;

	/** `globalStorage`: this extension's own folder there. */
	constructor(globalStorage: vscode.Uri) {
		this.#globalStorage = dirname(globalStorage.fsPath);
	}

	get scope(): SourceScope {
		return this.#configuration().get('sources.scope') === 'allProjects' ? 'allProjects' : 'thisWorkspace';
	}

	async setScope(scope: SourceScope): Promise<void> {
		await this.#configuration().update('sources.scope', scope, vscode.ConfigurationTarget.Global);
	}

	/** Sources are on unless they are switched off. */
	isOn(id: string): boolean {
		return this.#switches()[id] !== false;
	}

	/** Ids of the sources that are switched off. */
	get off(): string[] {
		return Object.entries(this.#switches()).flatMap(([id, on]) => (on === false ? [id] : []));
	}

	async setOn(id: string, on: boolean): Promise<void> {
		const switches = { ...this.#switches(), [id]: on };
		await this.#configuration().update('sources.enabled', switches, vscode.ConfigurationTarget.Global);
	}

	/** Absolute folders of the workspace that are on this machine's disk. */
	get folders(): string[] {
		return (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) => (uri.scheme === 'file' ? [uri.fsPath] : []));
	}

	/** Where agents may keep their records. */
	get places(): Places {
		const home = homedir();
		const env = placeEnvironment(process.env);
		const { platform } = process;
		const globalStorage = [...new Set([this.#globalStorage, ...globalStorageFolders({ home, env, platform })])];
		return { home, env, platform, globalStorage, customPlaces: customPlaces() };
	}

	/** Calls the listener when any of this may have changed. */
	onDidChange(listener: () => void): vscode.Disposable {
		const names = [`${section}.sources`, ...Object.values(customFolders)];
		return vscode.Disposable.from(
			vscode.workspace.onDidChangeWorkspaceFolders(listener),
			vscode.workspace.onDidChangeConfiguration((event) => {
				if (names.some((name) => event.affectsConfiguration(name))) listener();
			}),
		);
	}

	#configuration(): vscode.WorkspaceConfiguration {
		return vscode.workspace.getConfiguration(section);
	}

	#switches(): Record<string, unknown> {
		const value = this.#configuration().get<unknown>('sources.enabled');
		return typeof value === 'object' && value !== null ? { ...value } : {};
	}
}

function customPlaces(): Record<string, string[]> {
	const places: Record<string, string[]> = {};
	for (const [id, name] of Object.entries(customFolders)) {
		// Of this machine only: a workspace must not be able to name folders to read.
		const found = vscode.workspace.getConfiguration().inspect<unknown>(name);
		const folder = found?.globalValue;
		if (typeof folder === 'string' && isAbsolute(folder)) places[id] = [folder];
	}
	return places;
}
