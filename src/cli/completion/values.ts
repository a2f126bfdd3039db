import { sources } from '../../sources/catalog.ts';
import type { Environment } from '../environment.ts';
import { ledgerToRead, withLedger } from '../find-ledger.ts';
import type { ValueName } from './complete.ts';

/** Tasks that are offered: more are no help. */
const maxSessions = 30;

/**
 * Values of a kind, as far as they are known without much work; those in the ledger are of the one that the command
 * would read.
 *
 * @param words of the command line, to see which ledger is named.
 */
export async function knownValues(
	name: ValueName,
	words: readonly string[],
	environment: Environment,
): Promise<readonly string[]> {
	if (name === 'when') return ['today', 'yesterday', '24h', '7d', '30d'];
	if (name === 'source') return sources.map(({ id }) => id);
	const place = ledgerToRead(environment, namedLedger(words));
	return withLedger(environment, place, { readOnly: true }, async (ledger) => {
		if (name === 'session' || name === 'run') {
			const { rows } = await ledger.sessions({ filter: {}, sort: 'newest', offset: 0, limit: maxSessions });
			return rows.map(({ sessionId }) => sessionId);
		}
		const { agents, models } = await ledger.facets({});
		if (name === 'agent') return agents.map(({ agentId }) => agentId);
		return [...new Set(models.map((each) => (name === 'model' ? each.model : each.provider)))];
	});
}

function namedLedger(words: readonly string[]): string | undefined {
	const at = words.lastIndexOf('--ledger');
	if (at !== -1 && at < words.length - 2) return words[at + 1];
	return words.findLast((word) => word.startsWith('--ledger='))?.slice('--ledger='.length);
}
