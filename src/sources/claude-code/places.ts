import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { distinctFolders, type WalkOptions } from '../jsonl/walk-files.ts';
import type { Places } from '../source.ts';

export const sourceId = 'claude-code';

/**
 * Folders in which Claude Code may keep its transcripts, absolute; they need not exist. `CLAUDE_CONFIG_DIR` names other
 * configuration folders, several with commas between them. Older transcripts stay in the usual places, so those are
 * looked at too.
 */
export function transcriptRoots({ home, env, customPlaces }: Places): string[] {
	const named = (env.CLAUDE_CONFIG_DIR ?? '').split(',').map((each) => each.trim());
	const configured = named.filter((each) => each !== '').map((each) => expanded(each, home));
	const xdg = env.XDG_CONFIG_HOME ? [join(env.XDG_CONFIG_HOME, 'claude')] : [];
	const usual = [join(home, '.claude'), ...xdg, join(home, '.config', 'claude')];
	const projects = [...configured, ...usual].map((folder) => join(folder, 'projects'));
	return [...new Set([...projects, ...(customPlaces[sourceId] ?? []).map(projectsIn)].map((path) => resolve(path)))];
}

/** The roots that are there, each once. */
export function presentRoots(places: Places): string[] {
	return distinctFolders(transcriptRoots(places));
}

/** `<project>/<session>.jsonl`, and below the session's own folder `subagents/…/agent-<id>.jsonl`. */
export const transcriptFiles: WalkOptions = {
	wanted: (path) => path.endsWith('.jsonl') && (!path.includes('subagents/') || agentIdOf(path) !== null),
	// A session's folder also holds long outputs of tools, in thousands of files.
	enter: (path) => {
		const parts = path.split('/');
		return parts.length < 3 || parts.includes('subagents');
	},
	maxDepth: 6,
};

/** What a transcript's path tells. */
export interface TranscriptPlace {
	path: string;
	/** `null`: a session's own conversation. */
	agentId: string | null;
	/** Named by the path; `null` for a subagent's transcript of older versions, which lies beside those of sessions. */
	sessionId: string | null;
	/** Transcript of the session; of a subagent, that of the session that it belongs to. */
	sessionPath: string | null;
}

export function placeOf(path: string): TranscriptPlace {
	const agentId = agentIdOf(path);
	if (agentId === null) return { path, agentId, sessionId: basename(path, '.jsonl'), sessionPath: path };
	const marker = `${sep}subagents${sep}`;
	const at = path.lastIndexOf(marker);
	if (at < 0) return { path, agentId, sessionId: null, sessionPath: null };
	const folder = path.slice(0, at);
	return { path, agentId, sessionId: basename(folder), sessionPath: `${folder}.jsonl` };
}

/** The transcript of a session whose transcript, or subagent's, is at `path`. */
export function sessionBeside(place: TranscriptPlace, sessionId: string): string {
	return join(dirname(place.sessionPath ?? place.path), `${sessionId}.jsonl`);
}

/** Where a session keeps the transcript of a subagent. */
export function agentTranscript(sessionPath: string, agentId: string): string {
	return join(sessionPath.slice(0, -'.jsonl'.length), 'subagents', `agent-${agentId}.jsonl`);
}

/** Where the account may be named to which a transcript belongs, likeliest first. */
export function accountFiles(path: string): string[] {
	const at = path.lastIndexOf(`${sep}projects${sep}`);
	if (at < 0) return [];
	const config = path.slice(0, at);
	const around = dirname(config);
	const home = basename(around) === '.config' ? dirname(around) : around;
	return [join(config, '.claude.json'), join(home, '.claude.json')];
}

function agentIdOf(path: string): string | null {
	return /(?:^|[\\/])agent-([^\\/]+)\.jsonl$/.exec(path)?.[1] ?? null;
}

function expanded(path: string, home: string): string {
	if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
	return isAbsolute(path) ? path : join(home, path);
}

/** A folder that the user named: a configuration folder, or one with transcripts in it. */
function projectsIn(folder: string): string {
	const projects = join(folder, 'projects');
	return existsSync(projects) ? projects : folder;
}
