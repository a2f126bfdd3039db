import { join } from 'node:path';
import { run } from './process.mjs';
import { ensureChromium, ensureNode, ensurePackages, ensureServer, environment, root, say } from './setup.mjs';

/**
 * What a part of the test run found. A type check and a lint count as one test each.
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/**
 * @typedef {object} Context
 * @property {string} node its executable
 * @property {boolean} brief a dot for each test instead of a line
 * @property {boolean} production build what users get
 * @property {readonly string[]} args for the stage's tool
 */

/** @typedef {'node' | 'server' | 'browser'} Needs `browser`: a VS Code server and a browser to drive it */

/** @typedef {{ title: string, needs: Needs, run: (context: Context) => Promise<Counts> }} Stage */

/** @param {string} path */
const tool = (path) => join(root, 'node_modules', path);
/** A stage that hangs must not hold up the others, nor a machine that nobody watches. */
const stageLimitMs = 20 * 60_000;
const mocha = tool('mocha/bin/mocha.js');

/** The parts of a test run, by the name of their npm script, in the order of `npm test`. */
export const stages = /** @satisfies {Record<string, Stage>} */ ({
	check: { title: 'Types, lint, layers', needs: 'node', run: check },
	build: {
		title: 'Build',
		needs: 'node',
		run: async ({ node, production, args }) => {
			const mode = production ? ['--production'] : [];
			return exitCounts(await run(node, ['esbuild.mjs', ...mode, ...args], runOptions(node)));
		},
	},
	unit: {
		title: 'Unit tests',
		needs: 'node',
		run: (context) => mochaCounts(context, ['test/unit/**/*.test.ts']),
	},
	host: {
		title: "Tests in VS Code's extension host",
		needs: 'browser',
		run: (context) => countedRun(context, ['test/run/host-tests.ts', ...context.args]),
	},
	browser: {
		title: 'Tests of the window and the panel',
		needs: 'browser',
		run: (context) => mochaCounts(context, ['test/browser/**/*.test.ts', '--timeout', '60000']),
	},
	package: {
		title: 'Tests of the package',
		needs: 'browser',
		run: (context) => mochaCounts(context, ['test/package/**/*.test.ts', '--timeout', '120000']),
	},
});

/** Installs what a stage needs, and says so. @param {Needs} needs @returns {Promise<string>} Node */
export async function prepare(needs) {
	const [node] = await Promise.all([
		ensureNode(),
		ensurePackages(),
		needs === 'node' ? null : ensureServer(),
		needs === 'browser' ? ensureChromium() : null,
	]);
	return node;
}

/** @param {Stage} stage @param {Context} context */
export async function runStage(stage, context) {
	const startMs = performance.now();
	console.log(`\n── ${stage.title}`);
	const counts = await stage.run(context);
	const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
	say(`${stage.title}: ${summary(counts)} (${seconds} s)`);
	return counts;
}

/** @param {Counts} counts */
export function summary({ passed, failed, skipped }) {
	return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** @param {Counts[]} all @returns {Counts} */
export function sum(all) {
	return {
		passed: all.reduce((total, { passed }) => total + passed, 0),
		failed: all.reduce((total, { failed }) => total + failed, 0),
		skipped: all.reduce((total, { skipped }) => total + skipped, 0),
	};
}

/** The three checks at once: they take turns on two processors well enough. @param {Context} context */
async function check(context) {
	const { node } = context;
	const checks = [
		{ name: 'types', args: [tool('typescript/bin/tsc'), '-p', '.'], counts: exitCounts },
		{
			name: 'lint',
			args: [tool('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '--diagnostic-level=warn'],
			counts: exitCounts,
		},
		{ name: 'layers', args: [mocha, 'test/layers/*.test.ts', '--reporter', 'dot'], counts: mochaSummary },
	];
	const results = await Promise.all(
		checks.map(async ({ name, args, counts }) => {
			let output = '';
			const options = { ...runOptions(node), silent: true, onOutput: (/** @type {string} */ text) => (output += text) };
			const code = await run(node, args, options);
			if (code !== 0) console.log(output.trimEnd());
			console.log(`${name}: ${code === 0 ? 'ok' : 'failed'}`);
			return counts(code, output);
		}),
	);
	return sum(results);
}

/** @param {Context} context @param {string[]} args */
function mochaCounts(context, args) {
	const reporter = context.brief ? ['--reporter', 'dot'] : [];
	return countedRun(context, [mocha, ...args, '--forbid-only', ...reporter, ...context.args]);
}

/** Runs a program that ends with mocha's summary. @param {Context} context @param {string[]} args */
async function countedRun({ node }, args) {
	let output = '';
	const code = await run(node, args, {
		...runOptions(node),
		limitMs: stageLimitMs,
		onOutput: (text) => (output += text),
	});
	return mochaSummary(code, output);
}

/**
 * Counts by mocha's closing lines. An exit code alone proves nothing: a crash can end with 0 before any test ran.
 * @param {number} code @param {string} output @returns {Counts}
 */
export function mochaSummary(code, output) {
	/** @param {string} word */
	const count = (word) => Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'm').exec(output)?.[1] ?? 0);
	const [passed, failed, skipped] = [count('passing'), count('failing'), count('pending')];
	const ended = /^\s*\d+ passing\b/m.test(output);
	const broken = !ended || passed + failed === 0 || (code !== 0 && failed === 0);
	return { passed, failed: broken ? failed + 1 : failed, skipped };
}

/** @param {number} code @returns {Counts} */
function exitCounts(code) {
	return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/** @param {string} node */
export function runOptions(node) {
	return { cwd: root, env: environment(node) };
}
