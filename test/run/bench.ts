/**
 * Measures and prints one table of figures beside their budgets:
 *
 *     npm run bench [-- name …]
 *
 * Each `test/bench/*.bench.ts` exports `name` and `run()`. Over budget or broken: exit code 1.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup.mjs';
import { table } from './table.ts';

/** One measured figure. `measured` and `budget` are for people: "23,400 events/s", "≥ 20,000 events/s". */
export interface Figure {
	figure: string;
	measured: string;
	budget: string;
	ok: boolean;
}

interface Bench {
	name: string;
	run(): Promise<Figure[]>;
}

const wanted = process.argv.slice(2);
const figures: Figure[] = [];
const known: string[] = [];
for (const file of globSync('test/bench/**/*.bench.ts', { cwd: root }).sort()) {
	const bench: Bench = await import(pathToFileURL(join(root, file)).href);
	known.push(bench.name);
	if (wanted.length > 0 && !wanted.includes(bench.name)) continue;
	console.error(`• measuring ${bench.name}`);
	try {
		figures.push(...(await bench.run()));
	} catch (error) {
		console.error(error);
		figures.push({ figure: bench.name, measured: 'failed', budget: '', ok: false });
	}
}

const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) console.error(`There is no bench ${unknown.join(', ')}; there is: ${known.join(', ')}`);
const rows = figures.map(({ figure, measured, budget, ok }) => [figure, measured, budget, ok ? 'ok' : 'OVER']);
console.log(table(['figure', 'measured', 'budget', ''], rows));
if (unknown.length > 0 || figures.some(({ ok }) => !ok)) process.exitCode = 1;
