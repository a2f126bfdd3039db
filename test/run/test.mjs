/**
 * `npm test`: everything, on any machine with Node 20 or newer and npm. Installs what is missing first.
 * Its last line is "N passed, N failed".
 */
import { fail } from './process.mjs';
import { say } from './setup.mjs';
import { prepare, runStage, stages, sum, summary } from './stages.mjs';

async function main() {
	const startMs = performance.now();
	const node = await prepare('browser');
	// What users get is what is tested: the production build, within its budgets.
	const context = { node, brief: true, production: true, args: [] };
	const all = [];
	for (const stage of Object.values(stages)) all.push(await runStage(stage, context));
	const total = sum(all);
	say(`Took ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
	if (total.skipped > 0) console.log(`${total.skipped} skipped: what they test is not on this machine`);
	// Nothing more in the last line: it is read by programs.
	console.log(`\n${summary({ ...total, skipped: 0 })}`);
	if (total.failed > 0) process.exitCode = 1;
}

main().catch(fail);
