import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../../src/cli/environment.ts';
import { main } from '../../../src/cli/main.ts';
import { type DraftInput, draftSchema } from '../../../src/core/draft.ts';
import { openStore } from '../ledger/support.ts';
import { builtWorkers } from './built-workers.ts';

export const root = join(import.meta.dirname, '../../..');

/** What a command wrote, and how it ended. */
export interface Ran {
	code: number;
	out: string;
	err: string;
}

/** The command line with a home, a current folder and a list of ledgers of its own. */
export class CommandLine {
	readonly folder = mkdtempSync(join(tmpdir(), 'callmeter-cli-'));

	async run(args: string[], change: Partial<Environment> = {}): Promise<Ran> {
		let out = '';
		let err = '';
		const code = await main({
			args,
			cwd: this.folder,
			home: this.folder,
			env: {},
			platform: 'linux',
			workers: {
				...builtWorkers(),
				api: join(root, 'src/server/api/api-worker.ts'),
				otlp: join(root, 'src/server/otlp/otlp-worker.ts'),
				proxy: join(root, 'src/server/proxy/proxy-worker.ts'),
			},
			version: '0.0.0',
			locale: 'en-US',
			nowMs: Date.now(),
			out: { write: (text) => (out += text), columns: null },
			err: { write: (text) => (err += text), columns: null },
			signal: new AbortController().signal,
			...change,
		});
		return { code, out, err };
	}

	/** A ledger of these calls, in the folder; its path. */
	ledger(name: string, drafts: readonly DraftInput[]): string {
		const file = join(this.folder, name);
		const store = openStore(file);
		try {
			for (const { outcome, reason } of store.record(drafts.map((draft) => draftSchema.parse(draft))).receipts) {
				if (outcome === 'rejected') throw new Error(`A call of the test was rejected: ${reason}`);
			}
		} finally {
			store.close();
		}
		return file;
	}

	/** As `run`, and reads what it printed as JSON. Throws when the command failed. */
	async json<T>(args: string[], change: Partial<Environment> = {}): Promise<T> {
		const { code, out, err } = await this.run([...args, '--json'], change);
		if (code !== 0) throw new Error(`callmeter ${args.join(' ')} ended with ${code}: ${err}`);
		return JSON.parse(out) as T;
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}
