import type { Command } from 'commander';
import { searchJson } from '../core/outside/search-json.ts';
import type { SearchResult } from '../core/views.ts';
import { parseSearchQuery } from '../ledger/search-query.ts';
import { amountIn } from './amount.ts';
import { type CallOptions, count, filterOf, withCallOptions } from './call-options.ts';
import { CliProblem, type Environment, exitCodes } from './environment.ts';
import { ledgerToRead, withLedger } from './find-ledger.ts';
import { paint } from './paint.ts';
import { printJson } from './print.ts';
import { printable } from './printable.ts';
import { type Run, wrap } from './wrap.ts';

/** Calls that are asked of the ledger at a time. */
const pageSize = 500;
const indent = '  ';

/** `callmeter search`. */
export function addSearchCommand(program: Command, environment: Environment): void {
	const command = program
		.command('search')
		.description('find calls by what was said in them: prompts, completions, reasoning, tools')
		.argument('<words...>', 'all must stand in one text; "in quotes" as a phrase; the last may be the start of a word');
	withCallOptions(command, 'print JSON instead of text; unknown is null')
		.option('-n, --limit <count>', 'at most this many calls, the newest, after all other choices', count, 20)
		.addHelpText(
			'after',
			`
What was recorded without content is not found.

Examples:
  callmeter search race condition
  callmeter search '"connection reset"' --from 7d --agent codex
  callmeter search migration --json | jq -r ".hits[].callId"`,
		)
		.action((words: string[], options: CallOptions & { limit: number }) => search(words, options, environment));
}

async function search(
	words: readonly string[],
	options: CallOptions & { limit: number },
	environment: Environment,
): Promise<void> {
	const text = words.join(' ');
	if (parseSearchQuery(text).length === 0) {
		throw new CliProblem('There is nothing to look for: name a word, letters or digits.', exitCodes.usage);
	}
	await withLedger(environment, ledgerToRead(environment, options.ledger), { readOnly: true }, async (ledger) => {
		const filter = await filterOf(options, environment, ledger);
		const hits: SearchResult[] = [];
		let more = filter !== null;
		while (filter !== null && more && hits.length < options.limit) {
			const limit = Math.min(pageSize, options.limit - hits.length);
			const page = await ledger.search({ text, filter, offset: hits.length, limit });
			hits.push(...page.hits);
			more = page.more && page.hits.length > 0;
		}
		if (options.json) return printJson(environment, searchJson({ hits, more }));
		const { out } = environment;
		if (hits.length === 0) return out.write('Nothing found.\n');
		for (const hit of hits) out.write(hitText(hit, environment));
		const found = amountIn(environment.locale)(hits.length, 'call');
		out.write(more ? `The newest ${found}. --limit shows more.\n` : `${found}.\n`);
	});
}

const placeNames: Readonly<Record<SearchResult['place'], string>> = {
	prompt: 'prompt',
	system: 'system prompt or tools',
	completion: 'completion',
	reasoning: 'reasoning',
};

function hitText({ row, place, snippet, matches }: SearchResult, { out, locale }: Environment): string {
	const time = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' });
	const head = [time.format(row.startedAtMs), row.agentId, row.actualModel ?? row.model, placeNames[place], row.callId];
	const title = wrap([{ text: printable(head.join(' · ')) }], out.columns);
	const lines = wrap(snippetRuns(snippet, matches, out), out.columns === null ? null : out.columns - indent.length);
	return `${[...title.map((line) => paint(out, 'heading', line)), ...lines.map((line) => indent + line)].join('\n')}\n\n`;
}

/** The hits in colour; without colours, between marks. */
function snippetRuns(snippet: string, matches: readonly [number, number][], out: Environment['out']): Run[] {
	const runs: Run[] = [];
	let at = 0;
	for (const [start, end] of matches) {
		runs.push({ text: printable(snippet.slice(at, start)) });
		const hit = printable(snippet.slice(start, end));
		if (out.colors === true) runs.push({ text: hit, paint: (text) => paint(out, 'hit', text) });
		else runs.push({ text: `«${hit}»` });
		at = end;
	}
	runs.push({ text: printable(snippet.slice(at)) });
	return runs;
}
