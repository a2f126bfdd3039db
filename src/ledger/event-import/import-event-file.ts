import { createReadStream, statSync } from 'node:fs';
import type { EventImportLink } from '../ledger-client.ts';
import type { EventImportReport, LineBatch } from './event-import.ts';
import type { LineProblemReason } from './line-problem.ts';

/** Lines that go to the ledger at a time: live calls are not to wait long behind them. */
const maxLines = 500;
const maxChars = 1024 * 1024;
const lineFeed = 10;

/** How far an import is. */
export interface EventFileProgress {
	step: 'checking' | 'writing';
	/** Bytes, of `total`. */
	done: number;
	total: number;
}

/** A line of a file of events is not what it should be, and nothing of the file was taken in. `message` says what to do. */
export class EventFileProblem extends Error {
	/** From 1. */
	readonly line: number;
	readonly reason: LineProblemReason;
	constructor({ line, reason, message }: { line: number; reason: LineProblemReason; message: string }) {
		super(message);
		this.name = 'EventFileProblem';
		this.line = line;
		this.reason = reason;
	}
}

/**
 * Takes a file of exported events into a ledger: reads it once to check all of it, and again to write it. Holds some lines
 * at a time.
 *
 * @throws {EventFileProblem} and nothing was written; `LedgerError`; what `signal` was aborted with, and then what was
 * written is consistent, and doing it again goes on from there.
 */
export async function importEventFile(
	file: string,
	link: EventImportLink,
	{ signal, onProgress }: { signal: AbortSignal; onProgress: (progress: EventFileProgress) => void },
): Promise<EventImportReport> {
	const total = statSync(file).size;
	let report: EventImportReport | null = null;
	try {
		for (const step of ['checking', 'writing'] as const) {
			for await (const { batch, bytes } of batches(file)) {
				signal.throwIfAborted();
				if (step === 'checking') {
					const checked = await link.check(batch);
					if ('problem' in checked) throw new EventFileProblem(checked.problem);
				} else report = await link.write(batch);
				onProgress({ step, done: bytes, total });
			}
		}
		return report ?? (await link.write({ lines: [], isEnd: true }));
	} finally {
		await link.close();
	}
}

async function* batches(file: string): AsyncGenerator<{ batch: LineBatch; bytes: number }> {
	let lines: string[] = [];
	let chars = 0;
	let bytes = 0;
	let rest: Buffer[] = [];
	const decoder = new TextDecoder('utf-8');
	for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
		let data: Buffer = chunk;
		bytes += data.length;
		for (let end = data.indexOf(lineFeed); end >= 0; end = data.indexOf(lineFeed)) {
			const line = decoder.decode(
				rest.length === 0 ? data.subarray(0, end) : Buffer.concat([...rest, data.subarray(0, end)]),
			);
			rest = [];
			data = data.subarray(end + 1);
			lines.push(line);
			chars += line.length;
			if (lines.length < maxLines && chars < maxChars) continue;
			yield { batch: { lines, isEnd: false }, bytes: bytes - data.length };
			lines = [];
			chars = 0;
		}
		if (data.length > 0) rest.push(data);
	}
	if (rest.length > 0) yield { batch: { lines: [...lines, decoder.decode(Buffer.concat(rest))], isEnd: true }, bytes };
	else if (lines.length > 0) yield { batch: { lines, isEnd: false }, bytes };
}
