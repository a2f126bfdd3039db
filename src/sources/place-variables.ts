import type { Places } from './source.ts';

/** Variables that name other places for records. Nothing else of the environment is handed on. */
const placeVariables = [
	'XDG_DATA_HOME',
	'XDG_CONFIG_HOME',
	'APPDATA',
	'KILO_DB',
	'OPENCODE_DB',
	'GEMINI_CLI_HOME',
	'CODEX_HOME',
	'CLAUDE_CONFIG_DIR',
	'COPILOT_HOME',
	'XDG_STATE_HOME',
	'CLINE_DIR',
	'CLINE_DATA_DIR',
	'CLINE_SESSION_DATA_DIR',
] as const;

/** What of an environment says where agents keep their records. */
export function placeEnvironment(env: Readonly<Record<string, string | undefined>>): Places['env'] {
	return Object.fromEntries(placeVariables.map((name) => [name, env[name]]));
}
