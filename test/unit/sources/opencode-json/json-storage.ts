import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Writes what a database of Kilo 7 or opencode holds as the JSON files in which their older versions kept the same.
 * Constructed: there is no recorded session of those versions.
 */
export class JsonStorage {
	readonly path: string;
	readonly project = 'proj1';
	#counter = 0;

	constructor(dataFolder: string) {
		this.path = join(dataFolder, 'storage');
	}

	/** All sessions of a database, below one project. */
	copyDatabase(path: string): string[] {
		const database = new DatabaseSync(path, { readOnly: true });
		const all = (sql: string): Record<string, unknown>[] => database.prepare(sql).all();
		const sessions: string[] = [];
		for (const row of all('SELECT * FROM session')) {
			sessions.push(
				this.session(String(row.id), {
					directory: row.directory,
					title: row.title,
					version: row.version,
					...(row.parent_id === null ? {} : { parentID: row.parent_id }),
					time: { created: row.time_created, updated: row.time_updated },
				}),
			);
		}
		for (const row of all('SELECT * FROM message')) {
			this.message(String(row.session_id), String(row.id), JSON.parse(String(row.data)));
		}
		for (const row of all('SELECT * FROM part')) {
			this.part(String(row.message_id), String(row.id), String(row.session_id), JSON.parse(String(row.data)));
		}
		database.close();
		return sessions;
	}

	session(id: string, data: object): string {
		return this.write(['session', this.project, id], { id, projectID: this.project, ...data });
	}

	message(sessionId: string, id: string, data: object): string {
		return this.write(['message', sessionId, id], { id, sessionID: sessionId, ...data });
	}

	part(messageId: string, id: string, sessionId: string, data: object): string {
		return this.write(['part', messageId, id], { id, messageID: messageId, sessionID: sessionId, ...data });
	}

	/** An id as the agents make them, which carries the time. */
	id(prefix: 'msg' | 'prt', atMs: number): string {
		const low = (BigInt(atMs) * 4096n + BigInt(this.#counter++ % 4096)) & 0xffffffffffffn;
		return `${prefix}_${low.toString(16).padStart(12, '0')}AAAAAAAAAAAAAA`;
	}

	/** A question and its answer, as two messages. Returns the answer's id. */
	exchange(sessionId: string, atMs: number, tokens: object, idAtMs = atMs): string {
		const asked = this.id('msg', idAtMs);
		this.message(sessionId, asked, { role: 'user', time: { created: atMs } });
		this.part(asked, this.id('prt', idAtMs), sessionId, { type: 'text', text: 'Do it' });
		const answer = this.id('msg', idAtMs + 100);
		this.message(sessionId, answer, {
			role: 'assistant',
			time: { created: atMs + 100, completed: atMs + 900 },
			modelID: 'claude-sonnet-4-5',
			providerID: 'anthropic',
			mode: 'build',
			path: { cwd: '/home/dev/project', root: '/home/dev/project' },
			tokens,
			cost: 0.5,
		});
		this.part(answer, this.id('prt', idAtMs + 101), sessionId, { type: 'step-start' });
		const time = { start: atMs + 300, end: atMs + 800 };
		this.part(answer, this.id('prt', idAtMs + 102), sessionId, { type: 'text', text: 'Done', time });
		this.part(answer, this.id('prt', idAtMs + 900), sessionId, { type: 'step-finish', tokens, cost: 0.01 });
		return answer;
	}

	write(key: string[], value: object): string {
		const path = `${join(this.path, ...key)}.json`;
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, JSON.stringify(value, null, 2));
		return path;
	}
}
