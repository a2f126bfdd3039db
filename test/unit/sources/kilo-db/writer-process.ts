import { fork } from 'node:child_process';
import { once } from 'node:events';
import { AgentDatabase } from './agent-database.ts';

/** An agent that runs in a process of its own and keeps its database open. */
export interface Writer {
	/** Makes one more call. */
	write(): Promise<void>;
	/** Moves its log into the database, which a reader that holds on to it would keep busy. */
	checkpoint(): Promise<string>;
	stop(): Promise<void>;
}

/** Resolves when the agent has made its first call. */
export async function startWriter(path: string): Promise<Writer> {
	const child = fork(import.meta.filename, [path], { execArgv: ['--no-warnings'] });
	const exited = once(child, 'exit');
	const ask = async (question: string): Promise<string> => {
		child.send(question);
		const [answer] = await once(child, 'message');
		return String(answer);
	};
	await once(child, 'message');
	return {
		write: async () => void (await ask('write')),
		checkpoint: () => ask('checkpoint'),
		stop: async () => {
			child.send('stop');
			await exited;
		},
	};
}

function run(path: string, tell: (answer: string) => void): void {
	const database = new AgentDatabase(path);
	database.exec('PRAGMA wal_autocheckpoint = 0');
	const session = database.session();
	database.call(session);
	process.on('message', (question) => {
		switch (question) {
			case 'write':
				database.call(session);
				return tell('written');
			case 'checkpoint':
				return tell(database.checkpoint());
			default:
				database.close();
				process.disconnect?.();
		}
	});
	tell('ready');
}

if (process.argv[1] === import.meta.filename && process.send !== undefined) {
	const path = process.argv[2];
	if (path !== undefined) run(path, (answer) => process.send?.(answer));
}
