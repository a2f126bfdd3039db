import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { readDatabase, UnreadableDatabase } from '../opencode-session/open.ts';
import type { Flavour } from '../opencode-session/places.ts';
import type { Storage } from './storage.ts';

const idRow = z.object({ id: z.string() });

/**
 * Ids of a session's messages that the agent has moved into its database, where they are counted; `'busy'` when a
 * database is locked at the moment. A database that can't be read tells nothing: its calls have the same ids.
 */
export function messagesInDatabases(flavour: Flavour, storage: Storage, sessionId: string): Set<string> | 'busy' {
	const found = new Set<string>();
	for (const path of databasesBeside(flavour, storage)) {
		try {
			readDatabase(path, (database) => {
				const rows = database.prepare('SELECT id FROM message WHERE session_id = :sessionId').all({ sessionId });
				for (const row of rows) found.add(idRow.parse(row).id);
			});
		} catch (error) {
			if (!(error instanceof UnreadableDatabase)) throw error;
			if (error.reason === 'busy') return 'busy';
		}
	}
	return found;
}

function databasesBeside(flavour: Flavour, storage: Storage): string[] {
	const folder = dirname(storage.path);
	try {
		return readdirSync(folder).flatMap((name) => (flavour.file.test(name) ? [join(folder, name)] : []));
	} catch {
		return [];
	}
}
