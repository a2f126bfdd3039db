import { firstText, peek } from '../../core/foreign.ts';
import { countOf, timeOf } from './rollout-line.ts';

/** Whose rollout it is: the first `session_meta` of the file. */
export interface ThreadMeta {
	/** The thread's own id, never `session_id`, which a subagent shares with its parent. */
	id: string;
	createdAtMs: number | null;
	/** Working directory, then the other roots of the workspace that Codex was given. */
	folders: string[];
	provider: string | null;
	gitBranch: string | null;
	gitCommit: string | null;
	/** The thread that started this one as its subagent. */
	parentId: string | null;
	/** The thread whose history stands at the head of this one. */
	forkedFromId: string | null;
	isSubagent: boolean;
	/** The nickname or role that the parent gave it. */
	agentName: string | null;
	/** Lines below this ordinal are copied from the parent. */
	ownFromOrdinal: number | null;
	/** Goes on from another file, of which nothing is copied; its running total is. */
	continues: boolean;
	/** The system prompt, where the record has it. */
	instructions: string | null;
}

/** `null` where there is no id. */
export function threadMeta(payload: unknown): ThreadMeta | null {
	const id = firstText(peek(payload, 'id'), peek(payload, 'session_id'));
	if (id === null) return null;
	const source = peek(payload, 'source');
	const subagent = peek(source, 'subagent');
	const spawn = peek(subagent, 'thread_spawn');
	const parentId = firstText(peek(payload, 'parent_thread_id'), peek(spawn, 'parent_thread_id'));
	const git = peek(payload, 'git');
	const roots = peek(payload, 'runtime_workspace_roots');
	const folders = [peek(payload, 'cwd'), ...(Array.isArray(roots) ? roots : [])];
	const base = peek(payload, 'base_instructions');
	return {
		id,
		createdAtMs: timeOf(peek(payload, 'timestamp')),
		folders: [...new Set(folders.filter((folder) => typeof folder === 'string' && folder !== ''))],
		provider: firstText(peek(payload, 'model_provider')),
		gitBranch: firstText(peek(git, 'branch')),
		gitCommit: firstText(peek(git, 'commit_hash'), peek(git, 'sha')),
		parentId,
		forkedFromId: firstText(peek(payload, 'forked_from_id')),
		isSubagent: parentId !== null || subagent !== undefined || peek(payload, 'thread_source') === 'subagent',
		agentName: firstText(
			peek(payload, 'agent_nickname'),
			peek(spawn, 'agent_nickname'),
			peek(payload, 'agent_role'),
			peek(spawn, 'agent_role'),
		),
		ownFromOrdinal: countOf(peek(payload, 'subagent_history_start_ordinal')),
		continues: typeof peek(payload, 'history_base') === 'object' && peek(payload, 'history_base') !== null,
		instructions: firstText(peek(base, 'text'), base, peek(payload, 'instructions')),
	};
}
