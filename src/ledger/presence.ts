import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ResponseDraftInput } from '../core/draft.ts';
import { interruptedResponse } from '../core/pairing.ts';

/** A process that records live calls, as others tell whether it is still there. */
export interface ProcessIdentity {
	/** Machine and process namespace: only within it does a process id mean something. */
	host: string;
	pid: number;
	/** Boot and start time, where the system tells; empty where it does not. Process ids are used again. */
	startToken: string;
}

/** How often a process with pending calls says that it is there. */
export const HEARTBEAT_MS = 10_000;
/** A process that cannot be asked is taken for gone after this long without a sign. */
const LEASE_MS = 10 * 60_000;

interface WriterRow {
	n: number;
	host: string;
	pid: number;
	start_token: string;
	lease_ms: number;
}

interface PendingRow {
	call_id: string;
	session_id: string;
	agent_id: string;
	provider: string;
	model: string;
	billing: 'api' | 'subscription';
	source: string;
	started_ms: number;
}

/** Which process watches which pending call, and what became of those whose process is gone. */
export class Presence {
	/** `writer.n` of this process. */
	readonly self: number;
	readonly #identity: ProcessIdentity;
	readonly #beat: StatementSync;
	readonly #watched: StatementSync;
	readonly #others: StatementSync;
	readonly #pending: StatementSync;
	#lastBeatMs: number;

	/** Writes this process's row. */
	constructor(db: DatabaseSync, identity: ProcessIdentity = thisProcess(), nowMs = Date.now()) {
		this.#identity = identity;
		this.#lastBeatMs = nowMs;
		const row = db
			.prepare(
				`INSERT INTO writer (host, pid, start_token, lease_ms) VALUES (?1, ?2, ?3, ?4)
				ON CONFLICT (host, pid, start_token) DO UPDATE SET lease_ms = ?4 RETURNING n`,
			)
			.get(identity.host, identity.pid, identity.startToken, nowMs);
		this.self = Number(row?.n);
		this.#beat = db.prepare('UPDATE writer SET lease_ms = ? WHERE n = ?');
		this.#watched = db.prepare('SELECT 1 FROM call WHERE writer_n = ? LIMIT 1');
		this.#others = db.prepare(
			'SELECT n, host, pid, start_token, lease_ms FROM writer WHERE n <> ? AND n IN (SELECT writer_n FROM call WHERE writer_n IS NOT NULL)',
		);
		this.#pending = db.prepare(
			`SELECT c.call_id, s.session_id, d.agent_id, d.provider, d.model, d.billing, source.name AS source, c.started_ms
			FROM call c JOIN session s ON s.n = c.session_n JOIN dim d ON d.n = c.dim_n JOIN source ON source.n = c.source_n
			WHERE c.writer_n = ?`,
		);
	}

	/** Says that this process is there, if any call hangs on it. */
	beat(nowMs = Date.now()): void {
		this.#lastBeatMs = nowMs;
		if (this.#watched.get(this.self)) this.#beat.run(nowMs, this.self);
	}

	/** Responses for the pending calls whose process is gone: they end as errors, at the last sign of that process. */
	interrupted(nowMs = Date.now()): ResponseDraftInput[] {
		// After the machine slept, all leases look old until the others have had their turn to beat.
		const awake = nowMs - this.#lastBeatMs < 3 * HEARTBEAT_MS;
		return (this.#others.all(this.self) as unknown as WriterRow[])
			.filter((writer) => this.#isGone(writer, nowMs, awake))
			.flatMap((writer) => this.#endings(writer));
	}

	#isGone(writer: WriterRow, nowMs: number, awake: boolean): boolean {
		if (writer.host === this.#identity.host) {
			if (!isAlive(writer.pid)) return true;
			const token = startTokenOf(writer.pid);
			if (token !== '' && writer.start_token !== '') return token !== writer.start_token;
		}
		return awake && nowMs - writer.lease_ms > LEASE_MS;
	}

	#endings(writer: WriterRow): ResponseDraftInput[] {
		return (this.#pending.all(writer.n) as unknown as PendingRow[]).map((call) =>
			interruptedResponse(
				{
					callId: call.call_id,
					sessionId: call.session_id,
					agentId: call.agent_id,
					origin: { source: call.source, billing: call.billing, live: true },
					provider: call.provider,
					model: call.model,
					protocol: null,
					startedAtMs: call.started_ms,
				},
				// The last sign of the process: two windows that find the call at once say the same.
				writer.lease_ms,
			),
		);
	}
}

export function thisProcess(): ProcessIdentity {
	return { host: `${hostname()} ${pidNamespace()}`.trim(), pid: process.pid, startToken: startTokenOf(process.pid) };
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// EPERM: it is there, and belongs to someone else.
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}

/** Linux: the boot's id and the process's start time in ticks since then (`proc(5)`, field 22 of `stat`). */
function startTokenOf(pid: number): string {
	try {
		const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		// The name in parentheses may hold spaces; what follows it is field 3 and on.
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return `${boot}:${fields[19] ?? ''}`;
	} catch {
		return '';
	}
}

function pidNamespace(): string {
	try {
		return readlinkSync('/proc/self/ns/pid');
	} catch {
		return '';
	}
}
