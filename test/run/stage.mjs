/**
 * Runs one part of the test run, or another tool, on a machine where nothing may be installed yet:
 *
 *     node test/run/stage.mjs unit [arguments for the tool]
 */
import { fail, must, Problem, run } from './process.mjs';
import { prepare, runOptions, runStage, stages } from './stages.mjs';

/**
 * Programs in TypeScript, for which this brings the right Node.
 * @type {Record<string, { needs: import('./stages.mjs').Needs, path: string }>}
 */
const programs = {
	bench: { needs: 'browser', path: 'test/run/bench.ts' },
	electron: { needs: 'node', path: 'test/run/electron.ts' },
	vsix: { needs: 'node', path: 'test/run/vsix.ts' },
};
/** These run what was built; so that it is what the sources say, it is built first. */
const onBuild = ['unit', 'host', 'browser', 'bench', 'electron'];

async function main() {
	const [name = '', ...args] = process.argv.slice(2);
	const program = programs[name];
	const stage = Object.entries(stages).find(([key]) => key === name)?.[1];
	const needs = program?.needs ?? stage?.needs;
	if (needs === undefined)
		throw new Problem(`"${name}" is none of ${Object.keys({ ...stages, ...programs }).join(', ')}`);
	const node = await prepare(needs);
	if (onBuild.includes(name)) await must('The build', node, ['esbuild.mjs'], runOptions(node));
	if (program !== undefined) {
		process.exitCode = await run(node, [program.path, ...args], runOptions(node));
	} else if (stage !== undefined) {
		const counts = await runStage(stage, { node, brief: false, production: false, args });
		if (counts.failed > 0) process.exitCode = 1;
	}
}

main().catch(fail);
