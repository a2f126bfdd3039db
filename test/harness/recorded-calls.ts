import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { CallDetail } from '../../src/core/views.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { root } from '../run/setup.mjs';

/** The ledgers that Callmeter has made in a server's data folder, as absolute paths. */
export function ledgerFiles(serverData: string): string[] {
	return globSync('data/User/{workspaceStorage/*,globalStorage}/callmeter.callmeter/ledger.db', {
		cwd: serverData,
	}).map((file) => join(serverData, file));
}

/** Every call in a ledger with everything known about it, oldest first: what is on disk, not what a window shows. */
export async function recordedCalls(file: string): Promise<CallDetail[]> {
	const ledger = openLedger({ file, readOnly: true, workerPath: join(root, 'src/ledger/worker.ts') });
	try {
		const { rows } = await ledger.calls({ filter: {}, sort: 'oldest', offset: 0, limit: 500 });
		const details = await Promise.all(rows.map(({ callId }) => ledger.call(callId)));
		return details.filter((detail) => detail !== null);
	} finally {
		await ledger.close();
	}
}
