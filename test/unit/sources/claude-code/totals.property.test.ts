import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import type { DraftInput } from '../../../../src/core/draft.ts';
import type { RecordUnit } from '../../../../src/sources/source.ts';
import { openStore, temporaryFolder } from '../../ledger/support.ts';
import { assistant, Follower, failure, type Gathered, gather, Home, usageOf, user } from './transcripts.ts';

/** What happens in a home folder, in order. `of` picks a session, modulo how many there are. */
const step = fc.oneof(
	fc.record({
		kind: fc.constant('answer' as const),
		of: fc.nat(5),
		parts: fc.integer({ min: 1, max: 3 }),
		output: fc.integer({ min: 4, max: 900 }),
		end: fc.constantFrom('whole' as const, 'growing' as const, 'cut' as const, 'open' as const),
	}),
	fc.record({
		kind: fc.constant('fork' as const),
		of: fc.nat(5),
		at: fc.double({ min: 0, max: 1, noNaN: true }),
		mark: fc.constantFrom('forkedFrom' as const, 'kept' as const, 'none' as const),
	}),
	fc.record({
		kind: fc.constant('agent' as const),
		of: fc.nat(5),
		answers: fc.integer({ min: 1, max: 3 }),
		isNoted: fc.boolean(),
		replays: fc.boolean(),
		echoes: fc.boolean(),
	}),
	fc.record({ kind: fc.constant('damage' as const), of: fc.nat(5) }),
);
const scenario = fc.array(step, { minLength: 1, maxLength: 14 });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A fork that says so at its beginning goes on, and is then copied by a version that leaves no mark. */
const forkWithoutMarkOfMarkedFork: Step[] = [
	{ kind: 'answer', of: 0, parts: 1, output: 4, end: 'whole' },
	{ kind: 'fork', of: 0, at: Number.MIN_VALUE, mark: 'forkedFrom' },
	{ kind: 'fork', of: 0, at: Number.MIN_VALUE, mark: 'forkedFrom' },
	{ kind: 'answer', of: 2, parts: 1, output: 4, end: 'whole' },
	{ kind: 'fork', of: 2, at: 1, mark: 'none' },
];

interface Session {
	id: string;
	path: string;
	lines: object[];
	/** Answers in it that are its own conversation's. */
	answers: object[];
}

/** What is written to which file, in order, and what of each answer is true. */
class Story {
	readonly writes: { path: string; text: string }[] = [];
	readonly truth = new Map<string, { output: number; bound: 'exact' | 'atLeast' }>();
	readonly #sessions: Session[] = [];
	#answers = 0;
	#agents = 0;

	constructor(steps: readonly Step[]) {
		this.#begin([]);
		for (const each of steps) this.#take(each);
	}

	#take(each: Step): void {
		const session = this.#sessions[each.of % this.#sessions.length];
		assert.ok(session);
		if (each.kind === 'answer') this.#answer(session, each);
		else if (each.kind === 'fork') this.#fork(session, each);
		else if (each.kind === 'agent') this.#agent(session, each);
		else this.#write(session.path, '{"type":"assistant","message":{"id":"msg_\n');
	}

	#begin(lines: object[]): Session {
		// Names are in no order that means anything.
		const number = this.#sessions.length;
		const id = `${'mbzaxqdk'[number % 8]}-${number}`;
		const session: Session = { id, path: `-p/${id}.jsonl`, lines: [], answers: [] };
		this.#sessions.push(session);
		for (const line of lines) this.#say(session, line);
		return session;
	}

	#say(session: Session, line: object): void {
		session.lines.push(line);
		this.#write(session.path, `${JSON.stringify(line)}\n`);
	}

	#write(path: string, text: string): void {
		this.writes.push({ path, text });
	}

	#answer(session: Session, { parts, output, end }: Extract<Step, { kind: 'answer' }>): void {
		const id = `msg_${++this.#answers}`;
		const { id: sessionId } = session;
		let parent = user(`do ${id}`, { sessionId, parent: session.lines.at(-1) ?? null });
		this.#say(session, parent);
		for (let part = 1; part <= parts; part++) {
			const isLast = part === parts;
			const counted = end === 'whole' || (end === 'growing' && isLast) ? output : part;
			const stop = end === 'whole' || (end === 'growing' && isLast) ? 'end_turn' : null;
			const content = [{ type: 'text', text: `part ${part} of ${id}` }];
			parent = assistant({ id, sessionId, parent, content, usage: usageOf(counted), stop });
			this.#say(session, parent);
			session.answers.push(parent);
		}
		if (end === 'cut') this.#say(session, failure('API Error: Connection closed.', { sessionId, parent }));
		const isWhole = end === 'whole' || end === 'growing';
		this.truth.set(id, { output: isWhole ? output : parts, bound: isWhole ? 'exact' : 'atLeast' });
	}

	#fork(from: Session, { at, mark }: Extract<Step, { kind: 'fork' }>): void {
		const copied = from.lines.slice(0, Math.ceil(at * from.lines.length));
		if (copied.length === 0) return;
		const number = this.#sessions.length;
		const sessionId = `${'mbzaxqdk'[number % 8]}-${number}`;
		this.#begin(
			copied.map((line) => {
				if (mark === 'kept') return line;
				const forkedFrom = { sessionId: from.id, messageUuid: 'x' };
				return mark === 'none' ? { ...line, sessionId } : { ...line, sessionId, forkedFrom };
			}),
		);
	}

	#agent(session: Session, { answers, isNoted, replays, echoes }: Extract<Step, { kind: 'agent' }>): void {
		const agentId = `a${++this.#agents}`;
		const { id: sessionId } = session;
		const path = `-p/${sessionId}/subagents/agent-${agentId}.jsonl`;
		const say = (line: object) => this.#write(path, `${JSON.stringify(line)}\n`);
		if (replays) for (const line of session.answers.slice(-3)) say({ ...line, isSidechain: true, agentId });
		for (let number = 1; number <= answers; number++) {
			const id = `msg_${++this.#answers}`;
			const input = { input_tokens: 1000 + this.#answers };
			say(user(`look ${id}`, { sessionId, agentId }));
			const line = assistant({ id, sessionId, agentId, usage: usageOf(3, input), stop: null });
			if (echoes) this.#say(session, echo(line, sessionId, agentId));
			say(line);
			const isFinal = isNoted && number === answers;
			this.truth.set(id, { output: isFinal ? 80 : 3, bound: isFinal ? 'exact' : 'atLeast' });
			if (!isFinal) continue;
			const extra = { toolUseResult: { agentId, status: 'completed', usage: usageOf(80, input) } };
			this.#say(session, user([{ type: 'tool_result', tool_use_id: 't', content: 'ok' }], { sessionId, extra }));
		}
	}
}

function echo(line: object, sessionId: string, agentId: string): object {
	const { message, uuid, timestamp, requestId, type } = line as Record<string, unknown>;
	const data = { type: 'agent_progress', agentId, message: { type, message, uuid, timestamp, requestId } };
	return { ...user('', { sessionId }), type: 'progress', message: undefined, data };
}

function told(gathered: Gathered): Map<string, { output: number; bound: 'exact' | 'atLeast' }> {
	const entries = [...gathered.responses].map(([callId, { usage, usageBound }]) => {
		assert.ok(usage?.output != null && usageBound !== 'atMost', callId);
		return [callId.slice('claude-code:'.length), { output: usage.output, bound: usageBound }] as const;
	});
	return new Map(entries.sort(([one], [other]) => Number(one.slice(4)) - Number(other.slice(4))));
}

/** Whom each call is of. */
function attributed(gathered: Gathered): string[] {
	return [...gathered.calls.values()].map(({ callId, sessionId, kind }) => `${callId} ${kind} ${sessionId}`).sort();
}

function write(home: Home, { path, text }: { path: string; text: string }): void {
	const whole = join(home.projects, path);
	mkdirSync(dirname(whole), { recursive: true });
	appendFileSync(whole, text);
}

/** An order that follows from `seed`. */
function shuffled(units: RecordUnit[], seed: number): RecordUnit[] {
	const rank = ({ key }: RecordUnit) =>
		((key.length + seed) * 2_654_435_761 * (key.charCodeAt(key.length - 7) + seed)) % 1_009;
	return [...units].sort((one, other) => rank(one) - rank(other));
}

describe('issue 5: totals of Claude Code', () => {
	const settings = { numRuns: 120 };

	it('are those of the answers that were given, whatever was forked, replayed, echoed, cut or damaged', async () => {
		await fc.assert(
			fc.asyncProperty(scenario, async (steps) => {
				const home = new Home();
				const story = new Story(steps);
				for (const each of story.writes) write(home, each);
				const gathered = await gather(home);
				assert.deepEqual(told(gathered), story.truth);
				home.remove();
			}),
			settings,
		);
	});

	it('do not depend on the order of files, nor on reading them again', async () => {
		await fc.assert(
			fc.asyncProperty(scenario, fc.nat(1000), fc.boolean(), async (steps, seed, withContent) => {
				const home = new Home();
				const story = new Story(steps);
				for (const each of story.writes) write(home, each);
				const options = withContent ? {} : { contentSinceMs: Number.MAX_SAFE_INTEGER };
				const plain = await gather(home, options);
				const follower = new Follower();
				await follower.read(home.places(), options, (units) => shuffled(units, seed));
				await follower.read(home.places(), options, (units) => shuffled(units, seed + 1));
				assert.deepEqual(told(follower.gathered), story.truth);
				assert.deepEqual(attributed(follower.gathered), attributed(plain));
				assert.deepEqual(follower.gathered.calls, plain.calls);
				home.remove();
			}),
			{ ...settings, examples: [[forkWithoutMarkOfMarkedFork, 13, false]] },
		);
	});

	it('do not depend on where reading stopped, at any byte, nor on restarts in between', async () => {
		await fc.assert(
			fc.asyncProperty(
				scenario,
				fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
				fc.nat(1000),
				fc.boolean(),
				async (steps, stops, seed, withContent) => {
					const home = new Home();
					const story = new Story(steps);
					const options = withContent ? {} : { contentSinceMs: Number.MAX_SAFE_INTEGER };
					const bytes = story.writes.reduce((sum, { text }) => sum + text.length, 0);
					const ends = [...stops.map((stop) => Math.floor(stop * bytes)).sort((one, other) => one - other), bytes];
					let follower = new Follower();
					let written = 0;
					let at = 0;
					for (const [index, end] of ends.entries()) {
						for (let each = story.writes[at]; each !== undefined && written < end; each = story.writes[at]) {
							const take = Math.min(each.text.length, end - written);
							write(home, { path: each.path, text: each.text.slice(0, take) });
							written += take;
							if (take === each.text.length) at++;
							else story.writes[at] = { path: each.path, text: each.text.slice(take) };
						}
						if ((seed + index) % 2 === 0) follower = follower.restarted();
						await follower.read(home.places(), options, (units) => shuffled(units, seed + index));
					}
					const whole = await gather(home, options);
					assert.deepEqual(told(follower.gathered), story.truth);
					assert.deepEqual(attributed(follower.gathered), attributed(whole));
					assert.deepEqual(follower.gathered.skipped.malformed, whole.skipped.malformed);
					home.remove();
				},
			),
			settings,
		);
	});

	it('are the same in the ledger', async () => {
		await fc.assert(
			fc.asyncProperty(scenario, fc.nat(1000), async (steps, seed) => {
				const home = new Home();
				const story = new Story(steps);
				for (const each of story.writes) write(home, each);
				const sums = [];
				for (const order of [seed, seed + 1]) {
					const folder = temporaryFolder();
					const store = openStore(folder.file);
					const follower = new Follower();
					const record = (drafts: readonly DraftInput[]) => store.record([...drafts]);
					await follower.read(home.places(), {}, (units) => shuffled(units, order), record);
					await follower.restarted().read(home.places(), {}, (units) => units, record);
					const { calls, inputTokens, outputTokens, costNanoUsd } = store.totals({});
					sums.push({ calls, inputTokens, outputTokens, costNanoUsd });
					store.close();
					folder.clean();
				}
				assert.deepEqual(sums[0], sums[1]);
				assert.equal(sums[0]?.calls, story.truth.size);
				const output = [...story.truth.values()].reduce((sum, each) => sum + each.output, 0);
				assert.equal(sums[0]?.outputTokens, output);
				home.remove();
			}),
			{ numRuns: 25 },
		);
	});
});
