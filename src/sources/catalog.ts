import { claudeCode } from './claude-code/claude-code.ts';
import { clineSessions } from './cline/session-source.ts';
import { codex } from './codex/codex-source.ts';
import { copilotChat } from './copilot-chat/copilot-chat-source.ts';
import { copilotCli } from './copilot-cli/copilot-cli-source.ts';
import { geminiCli } from './gemini-cli/gemini-cli-source.ts';
import { JoinedSource } from './joined-source.ts';
import { kiloDb, opencodeDb } from './kilo-db/kilo-db.ts';
import { kiloTaskSources } from './kilo-task/sources.ts';
import { kiloJson, opencodeJson } from './opencode-json/sources.ts';
import type { Source } from './source.ts';

/** Records that another source of the same agent reads too: one line, one switch. */
const others: readonly Source[] = [kiloJson, opencodeJson, clineSessions];

/** Every source of records there is, in the order in which people see them. */
export const sources: readonly Source[] = [
	kiloDb,
	...kiloTaskSources,
	opencodeDb,
	claudeCode,
	codex,
	copilotCli,
	copilotChat,
	geminiCli,
].map((source) => {
	const parts = others.filter(({ id }) => id === source.id);
	return parts.length === 0 ? source : new JoinedSource(source, parts);
});
