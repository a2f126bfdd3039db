import type { Origin } from '../../core/draft.ts';
import { textIn } from './attributes.ts';
import type { Attributes } from './records.ts';

/** Names under which agents report themselves, and their ids here. First match. */
const agents: readonly [RegExp, string][] = [
	[/^claude-code/, 'claude-code'],
	[/^codex/, 'codex'],
	[/^gemini-cli/, 'gemini-cli'],
	[/^copilot-chat/, 'copilot-chat'],
	[/^(?:github-copilot|copilot-cli)/, 'copilot-cli'],
	[/^opencode/, 'opencode'],
	[/^kilo/, 'kilo-code'],
];
const longestName = 100;

/** Which agent reports, from `service.name`; a program that is not known keeps its own name. */
export function agentOf(resource: Attributes): string {
	const name = textIn(resource, 'service.name')?.toLowerCase().slice(0, longestName).trim();
	// The SDK's own word for "nobody said".
	if (!name || name.startsWith('unknown_service')) return 'otlp';
	return agents.find(([pattern]) => pattern.test(name))?.[1] ?? name;
}

/** Both Copilots are paid by the month; the others say, or it is not known and taken for the API. */
export function billingOfAgent(agentId: string, attributes: Attributes): Origin['billing'] {
	if (agentId === 'copilot-chat' || agentId === 'copilot-cli') return 'subscription';
	if (agentId === 'codex') return /chatgpt/i.test(textIn(attributes, 'auth_mode') ?? '') ? 'subscription' : 'api';
	return 'api';
}

/** The agent's working directory, if the resource or the record tells it. Only absolute paths count. */
export function folderOf(resource: Attributes, attributes: Attributes): string | null {
	for (const each of [attributes, resource]) {
		const folder = textIn(each, 'process.working_directory', 'process.cwd', 'cwd', 'workspace.path');
		if (folder !== null && /^(?:\/|[A-Za-z]:[\\/])/.test(folder)) return folder;
	}
	return null;
}

/** Ids shorter than this are counters of a local server, which other calls share. */
const shortestId = 16;

/** Ids under which other records may know the call. */
export function aliasesOf(...ids: (string | null)[]): string[] {
	return [...new Set(ids.filter((id) => id !== null && id.length >= shortestId) as string[])];
}
