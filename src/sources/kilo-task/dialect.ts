/** How one agent's task records and API differ from its relatives'. */
export interface Dialect {
	/** Also `Origin.source`, `agentId` and the first part of each `callId`. */
	readonly id: string;
	/** What people call the agent. */
	readonly title: string;
	/** Its extension's id as VS Code spells it, for `extensions.getExtension`. */
	readonly extensionId: string;
	/** Folder below `globalStorage`: the extension's id in lower case. */
	readonly storageFolder: string;
	/** Folder below the user's home in which its command line keeps tasks too. */
	readonly homeFolder?: string;
	/**
	 * Whether `tokensIn` counts cache reads and writes in. `byVersion`: inclusive for both protocols since Roo 3.29.5 and
	 * Kilo 4.119; before that, exclusive for the anthropic protocol, without a mark of the version.
	 */
	readonly tokensIn: 'inclusive' | 'exclusive' | 'byVersion';
	/** Whether its extension exports the event API that `live-api.ts` attaches to. */
	readonly live: boolean;
	/** Whether its generic `openai` provider drops the cache count (seen against truth: Kilo 5.10.4, Roo 3.52.1). */
	readonly openAiDropsCache: boolean;
	/** Whether rows that the user deletes leave their sum behind (`deleted_api_reqs`). */
	readonly sumsDeleted: boolean;
}

/** The same call has the same id whether it was seen live or read from disk: `<agent>:<task>:<ts of its row>`. */
export function callIdOf(dialect: Dialect, taskId: string, ts: number): string {
	return `${dialect.id}:${taskId}:${ts}`;
}

/**
 * A name for the call that does not depend on the agent: relatives take over each other's task folders, and a call that
 * is in two of them is one call.
 */
export function taskAlias(taskId: string, ts: number): string {
	return `task:${taskId}:${ts}`;
}
