import { join } from 'node:path';
import type { Places } from './source.ts';

/** Editors that VS Code's extensions run in, by the name of their folder among the user's settings. */
const editors = [
	'Code',
	'Code - Insiders',
	'VSCodium',
	'VSCodium - Insiders',
	'Code - OSS',
	'Cursor',
	'Windsurf',
	'Windsurf - Next',
	'Trae',
	'Kiro',
	'Antigravity',
	'Positron',
] as const;

/** Their servers, which run on the far side of SSH, WSL, a container or a browser, by the name of their folder at home. */
const servers = [
	'.vscode-server',
	'.vscode-server-insiders',
	'.vscode-remote',
	'.vscodium-server',
	'.cursor-server',
	'.windsurf-server',
	'.trae-server',
	'.kiro-server',
	'.positron-server',
	'.openvscode-server',
] as const;

/**
 * The usual `globalStorage` folders of VS Code and its relatives: an agent's history stays where the editor that it ran
 * in has kept it. Absolute; most of them do not exist.
 */
export function globalStorageFolders({ home, env, platform }: Pick<Places, 'home' | 'env' | 'platform'>): string[] {
	const settings = settingsHome(home, env, platform);
	return [
		...editors.map((editor) => join(settings, editor, 'User', 'globalStorage')),
		...servers.map((server) => join(home, server, 'data', 'User', 'globalStorage')),
		join(home, '.local', 'share', 'code-server', 'User', 'globalStorage'),
	];
}

function settingsHome(home: string, env: Places['env'], platform: NodeJS.Platform): string {
	if (platform === 'win32') return env.APPDATA || join(home, 'AppData', 'Roaming');
	if (platform === 'darwin') return join(home, 'Library', 'Application Support');
	return env.XDG_CONFIG_HOME || join(home, '.config');
}
