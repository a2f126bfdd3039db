import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from '../run/setup.mjs';

/** The folder of an extension that stands in for Roo Code. */
export const rooStandIn = join(root, 'test/fixtures/extensions/roo-cline');
export const wakeCommand = 'Roo Stand-in: Wake Up';

const recordings = join(root, 'test/fixtures/recorded');

/** An event of an agent's exported API, with the settings that hold when it is emitted. */
export interface AgentEvent {
	event: string;
	args: unknown[];
	configuration?: unknown;
}

/** What was recorded of a real agent, moved to another time and another folder. */
export interface Recording {
	/** Task ids, in order. */
	tasks: string[];
	events: AgentEvent[];
	/** Text of each file of each task. */
	files: Map<string, Record<string, string>>;
	/** Each call, under the id that it has in the ledger, with what the provider served for it. */
	calls: { callId: string; served: Served }[];
}

/** What the provider served for a call. */
export interface Served {
	seq: number;
	outcome: string;
	canonical: Record<'uncachedInput' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h' | 'output', number>;
}

/** Reads a recorded folder so that its first event is at `startMs`, in a task of `workspace`. */
export async function recordingAt(name: string, startMs: number, workspace: string): Promise<Recording> {
	const folder = join(recordings, name);
	const lines = async (file: string) =>
		(await readFile(join(folder, file), 'utf8'))
			.split('\n')
			.filter((line) => line !== '')
			.map((line) => JSON.parse(line));
	const first: { t: number } = (await lines('events.jsonl'))[0];
	// Every time of the recording, wherever it stands, begins as its first event's does.
	const prefix = String(first.t).slice(0, 5);
	const times = new RegExp(`\\b${prefix}\\d{8}\\b`, 'g');
	const move = (text: string) =>
		text
			.replaceAll(times, (time) => String(Number(time) - first.t + startMs))
			.replaceAll('/home/dev/project', workspace);
	const moved = <T>(value: unknown): T => JSON.parse(move(JSON.stringify(value)));
	const settings = moved<{ ts: number; configuration: unknown }[]>(await lines('configuration.jsonl'));
	const events = moved<{ event: string; args: unknown[] }[]>(await lines('events.jsonl')).map(({ event, args }) => {
		const [payload] = args as [{ message?: { ts?: number } }];
		const found = settings.find(({ ts }) => ts === payload?.message?.ts);
		return { event, args, ...(found !== undefined && { configuration: found.configuration }) };
	});
	const told: { task: string; calls: { ts: number; truth: number[] }[] }[] = JSON.parse(
		move(await readFile(join(folder, 'calls.json'), 'utf8')),
	);
	const tasks = told.map(({ task }) => task);
	const served: Served[] = await lines('truth.jsonl');
	const calls = told.flatMap((task) =>
		task.calls.map(({ ts, truth }) => {
			const found = served.find(({ seq, outcome }) => truth.includes(seq) && outcome !== 'rate_limited');
			if (found === undefined) throw new Error(`${name}: nothing was served for ${ts}`);
			return { callId: `roo-code:${task.task}:${ts}`, served: found };
		}),
	);
	const files = new Map<string, Record<string, string>>();
	for (const task of tasks) {
		const texts: Record<string, string> = {};
		for (const file of ['ui_messages.json', 'api_conversation_history.json', 'history_item.json']) {
			const text = await readFile(join(folder, 'tasks', task, file), 'utf8').catch(() => null);
			if (text !== null) texts[file] = move(text);
		}
		files.set(task, texts);
	}
	return { tasks, events, files, calls };
}

/** Tells the stand-in in an extension host what to do. It listens once it is awake. */
export class RooStandIn {
	/** A file in which the stand-in leaves its port: `ROO_STAND_IN` in the environment of the extension host. */
	readonly portFile: string;

	constructor(portFile: string) {
		this.portFile = portFile;
	}

	/** Emits events at once, one after the other; gives the time of each, epoch milliseconds. */
	emit(events: readonly AgentEvent[]): Promise<number[]> {
		return this.#order('emit', { events });
	}

	/** Writes a task's files as the agent does; gives the folder. */
	write(task: string, files: Record<string, string>): Promise<string> {
		return this.#order('write', { task, files });
	}

	/** Who listens to the agent's messages. */
	listeners(): Promise<number> {
		return this.#order('listeners', {});
	}

	watchLoop(): Promise<null> {
		return this.#order('watchLoop', {});
	}

	/** The longest turn of the extension host's thread since `watchLoop`, in milliseconds. */
	unwatchLoop(): Promise<{ wallMs: number; cpuMs: number }> {
		return this.#order('unwatchLoop', {});
	}

	/** Resident memory of the extension host, bytes. */
	memory(): Promise<number> {
		return this.#order('memory', {});
	}

	/** Resolves when someone listens to the agent's messages, and to how many they are. */
	async whenHeard(): Promise<number> {
		for (const end = Date.now() + 20_000; Date.now() < end; await pause(50)) {
			const listeners = await this.listeners().catch(() => 0);
			if (listeners > 0) return listeners;
		}
		throw new Error('Nobody listens to the stand-in');
	}

	async #order<T>(order: string, rest: object): Promise<T> {
		const port = await readFile(this.portFile, 'utf8');
		const response = await fetch(`http://127.0.0.1:${port}`, {
			method: 'POST',
			body: JSON.stringify({ order, ...rest }),
		});
		const { value, error } = (await response.json()) as { value: T; error?: string };
		if (error !== undefined) throw new Error(error);
		return value;
	}
}
