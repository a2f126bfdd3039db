import { EventEmitter } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DraftInput } from '../../../../src/core/draft.ts';
import { kiloCode, rooCode } from '../../../../src/sources/kilo-task/dialects.ts';
import { listRates } from '../../../../src/sources/kilo-task/list-rates.ts';
import { attachLive } from '../../../../src/sources/kilo-task/live-api.ts';
import type { LiveTracker } from '../../../../src/sources/kilo-task/live-tracker.ts';
import { taskFolderSource } from '../../../../src/sources/kilo-task/task-folder-source.ts';
import type { RateLookup } from '../../../../src/sources/kilo-task/usage-truth.ts';
import type { LiveFacts, ReadOptions, UnitReading } from '../../../../src/sources/source.ts';

/** What the provider served, one line a completion. */
export interface Served {
	seq: number;
	tsStart: string;
	tsEnd: string;
	model: string;
	canonical: {
		uncachedInput: number;
		cacheRead: number;
		cacheWrite5m: number;
		cacheWrite1h: number;
		output: number;
		reasoning: number;
	};
	responseId: string;
	messagesCount: number;
	outcome: 'ok' | 'disconnected' | 'ok_no_usage' | 'ok_after_cancel' | 'rate_limited';
}

interface RecordedTask {
	task: string;
	calls: { ts: number; onDisk: boolean; truth: number[] }[];
}

interface RecordedEvent {
	t: number;
	event: string;
	args: unknown[];
}

const root = join(import.meta.dirname, '../../../fixtures/recorded');

/** Folders of these agents, recorded in a real VS Code. */
export const recordedFolders = readdirSync(root)
	.filter((name) => /^(kilo-legacy|roo)-/.test(name))
	.sort();

/** One recorded folder: its agent, what was served, and how to see it live or read it. */
export class Recorded {
	readonly name: string;
	readonly path: string;
	readonly tasks: RecordedTask[];
	readonly served: Served[];
	readonly events: RecordedEvent[];

	constructor(name: string) {
		this.name = name;
		this.path = join(root, name);
		this.tasks = JSON.parse(readFileSync(join(this.path, 'calls.json'), 'utf8'));
		this.served = this.#lines('truth.jsonl');
		this.events = this.#lines('events.jsonl');
	}

	get dialect() {
		return this.name.startsWith('roo') ? rooCode : kiloCode;
	}

	/** Each call the agent made, with what was served for it: a retried 429 is no call. */
	get calls(): { callId: string; onDisk: boolean; served: Served }[] {
		return this.tasks.flatMap(({ task, calls }) =>
			calls.map(({ ts, onDisk, truth }) => {
				const served = this.served.find(({ seq, outcome }) => truth.includes(seq) && outcome !== 'rate_limited');
				if (served === undefined) throw new Error(`${this.name}: nothing served for ${ts}`);
				return { callId: `${this.dialect.id}:${task}:${ts}`, onDisk, served };
			}),
		);
	}

	/** Replays the events through a stand-in for the agent's exports, which goes on changing what it has emitted. */
	replay(rates?: RateLookup): { drafts: DraftInput[]; tracker: LiveTracker } {
		const exported = new StandIn();
		const drafts: DraftInput[] = [];
		let now = 0;
		const attachment = attachLive(exported, {
			dialect: this.dialect,
			folder: '/home/dev/project',
			onDrafts: (seen) => drafts.push(...seen),
			onTrouble: (message) => {
				throw new Error(message);
			},
			now: () => now,
			...(rates === undefined ? {} : { rates }),
		});
		if (attachment === null) throw new Error('not attached');
		const configurations = this.#lines<{ ts: number; configuration: unknown }>('configuration.jsonl');
		for (const { t, event, args } of structuredClone(this.events)) {
			now = t;
			const ts = at(args[0], 'message', 'ts');
			exported.configuration = configurations.find((line) => line.ts === ts)?.configuration ?? exported.configuration;
			exported.emit(event, ...args);
			const message = at(args[0], 'message');
			if (typeof message === 'object' && message !== null) Object.assign(message, { text: 'changed', ts: 1 });
		}
		drafts.push(...attachment.tracker.tick(now + 60_000));
		attachment.detach();
		return { drafts, tracker: attachment.tracker };
	}

	/** Reads every task folder. */
	async read(live: Record<string, LiveFacts> = {}): Promise<UnitReading[]> {
		// Half a day after the recordings, whatever this machine's clock says.
		const now = (): number => Date.parse('2026-11-22T12:00:00Z');
		const source = taskFolderSource(this.dialect, { rates: listRates, now });
		return Promise.all(
			this.tasks.map(({ task }) => {
				const unit = { key: join(this.path, 'tasks', task), changedAtMs: 0, stamp: '' };
				return source.read(unit, { ...readAll(), live });
			}),
		);
	}

	#lines<T>(file: string): T[] {
		return readFileSync(join(this.path, file), 'utf8')
			.split('\n')
			.filter((line) => line !== '')
			.map((line) => JSON.parse(line));
	}
}

/** What an agent's extension exports. */
export class StandIn extends EventEmitter {
	configuration: unknown = null;

	getConfiguration(): unknown {
		return this.configuration;
	}
}

export function readAll(): ReadOptions {
	const signal = new AbortController().signal;
	return { accepts: () => 'yes', metadataSinceMs: 0, contentSinceMs: 0, cursor: null, signal };
}

function at(value: unknown, ...keys: string[]): unknown {
	let found = value;
	for (const key of keys) found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined;
	return found;
}
