/**
 * Runs one part of the test run, or another tool, on a machine where nothing may be installed yet:
 *
 *     node test/run/stage.mjs unit [arguments for the tool]
 */
import { fail, Problem, run } from './process.mjs';
import { prepare, runOptions, runStage, stages } from './stages.mjs';

/** Programs in TypeScript, for which this brings the right Node. @type {Record<string, [needs: import('./stages.mjs').Needs, path: string]>} */
const programs = {
	bench: ['browser', 'test/run/bench.ts'],
	electron: ['node', 'test/run/electron.ts'],
	vsix: ['node', 'test/run/vsix.ts'],
};

async function main() {
	const [name = '', ...args] = process.argv.slice(2);
	const program = programs[name];
	if (program !== undefined) {
		const node = await prepare(program[0]);
		process.exitCode = await run(node, [program[1], ...args], runOptions(node));
		return;
	}
	const stage = Object.entries(stages).find(([key]) => key === name)?.[1];
	if (stage === undefined)
		throw new Problem(`"${name}" is none of ${Object.keys({ ...stages, ...programs }).join(', ')}`);
	const node = await prepare(stage.needs);
	const counts = await runStage(stage, { node, brief: false, production: false, args });
	if (counts.failed > 0) process.exitCode = 1;
}

main().catch(fail);
