/**
 * Builds everything that ships into `dist/`.
 *
 *     node esbuild.mjs                minified, with source maps; fails over budget
 *     node esbuild.mjs --production   the same without source maps; every entry must exist
 *     node esbuild.mjs --watch        readable output, rebuilt on change, no budgets
 *
 * What each bundle contains is written to `out/meta/<bundle>.json` (open it in any esbuild bundle analyzer).
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { declarationsOf } from './test/run/declarations.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const production = process.argv.includes('--production');
const noticesFile = 'dist/third-party-notices.txt';
const watch = process.argv.includes('--watch');

/**
 * One file that ships. `budgetKb` is its limit when minified, in KB of 1024 bytes.
 * @typedef {{ entry: string, outfile: string, target: 'node' | 'node20' | 'anyNode' | 'browser', budgetKb: number }} Bundle
 */

/** The command line's entry. */
const program = 'src/cli/callmeter.ts';
/** What other programs import as `callmeter/sdk`, and its types. */
const sdk = 'src/sdk/sdk.ts';
const sdkTypes = ['dist/sdk/callmeter-sdk.d.mts', 'dist/sdk/callmeter-sdk.d.cts'];

/** @type {Bundle[]} */
const bundles = [
	{ entry: 'src/extension.ts', outfile: 'dist/extension.cjs', target: 'node', budgetKb: 350 },
	{ entry: 'src/ledger/worker.ts', outfile: 'dist/ledger-worker.cjs', target: 'node', budgetKb: 400 },
	// Exports read, format and go: the ledger's worker need not know how.
	{ entry: 'src/ledger/export/export-worker.ts', outfile: 'dist/export-worker.cjs', target: 'node', budgetKb: 250 },
	{ entry: 'src/sources/import-worker.ts', outfile: 'dist/import-worker.cjs', target: 'node', budgetKb: 400 },
	{ entry: 'src/server/otlp/otlp-worker.ts', outfile: 'dist/otlp-worker.cjs', target: 'node', budgetKb: 400 },
	// Read when an agent is listened to, so that everyone else is spared the price table.
	{ entry: 'src/sources/kilo-task/list-rates.ts', outfile: 'dist/list-rates.cjs', target: 'node', budgetKb: 250 },
	{ entry: 'src/task/handlers/anthropic.ts', outfile: 'dist/handlers/anthropic.cjs', target: 'node', budgetKb: 400 },
	{ entry: 'src/task/handlers/openai.ts', outfile: 'dist/handlers/openai.cjs', target: 'node', budgetKb: 400 },
	{ entry: 'src/task/handlers/gemini.ts', outfile: 'dist/handlers/gemini.cjs', target: 'node', budgetKb: 500 },
	{ entry: 'src/server/api/api-worker.ts', outfile: 'dist/api-worker.cjs', target: 'node', budgetKb: 400 },
	{ entry: 'src/server/proxy/proxy-worker.ts', outfile: 'dist/proxy-worker.cjs', target: 'node', budgetKb: 200 },
	{ entry: program, outfile: 'dist/callmeter.cjs', target: 'anyNode', budgetKb: 5 },
	{ entry: 'src/cli/main.ts', outfile: 'dist/cli.cjs', target: 'node', budgetKb: 700 },
	// Read when a chat asks what was spent.
	{ entry: 'src/ledger/answers/questions.ts', outfile: 'dist/answers.cjs', target: 'node', budgetKb: 150 },
	// Read for `callmeter mcp` alone: most of it is the protocol's SDK.
	{ entry: 'src/mcp/serve-mcp.ts', outfile: 'dist/mcp.cjs', target: 'node', budgetKb: 500 },
	// For programs outside of VS Code, by import and by require.
	{ entry: sdk, outfile: 'dist/sdk/callmeter-sdk.mjs', target: 'node20', budgetKb: 180 },
	{ entry: sdk, outfile: 'dist/sdk/callmeter-sdk.cjs', target: 'node20', budgetKb: 180 },
	{ entry: 'webview/main.ts', outfile: 'dist/webview/panel.js', target: 'browser', budgetKb: 800 },
];

/**
 * `await import('./handlers/openai.ts')` stays a run-time import of that handler's own bundle, so that a provider's
 * SDK is read from disk only when someone uses it. Unit tests run the same line on the source.
 * @param {Bundle} importer
 * @returns {import('esbuild').Plugin}
 */
function lazyBundles(importer) {
	return {
		name: 'lazy-bundles',
		setup(build) {
			build.onResolve({ filter: /^\.{1,2}\// }, ({ kind, path, resolveDir }) => {
				if (kind !== 'dynamic-import') return undefined;
				const target = bundles.find(({ entry }) => resolve(root, entry) === resolve(resolveDir, path));
				if (target === undefined) return undefined;
				const fromOutput = relative(dirname(importer.outfile), target.outfile).replaceAll('\\', '/');
				return { path: fromOutput.startsWith('.') ? fromOutput : `./${fromOutput}`, external: true };
			});
		},
	};
}

/** The extension host of VS Code 1.125 is Node 24; its webviews are Chromium 148. `anyNode` says that a newer one is needed. */
const targets = { node: 'node24', node20: 'node20', anyNode: 'node14', browser: 'chrome148' };

/**
 * @param {Bundle} bundle
 * @returns {import('esbuild').BuildOptions & { metafile: true }}
 */
function options(bundle) {
	const node = bundle.target !== 'browser';
	return {
		absWorkingDir: root,
		entryPoints: [bundle.entry],
		outfile: bundle.outfile,
		bundle: true,
		format: bundle.outfile.endsWith('.mjs') ? 'esm' : node ? 'cjs' : 'iife',
		platform: node ? 'node' : 'browser',
		target: targets[bundle.target],
		external: node ? ['vscode'] : [],
		plugins: [lazyBundles(bundle)],
		minify: !watch,
		sourcemap: production ? false : 'linked',
		sourcesContent: false,
		// Started by its name: the shell must be told what runs it.
		banner: bundle.entry === program ? { js: '#!/usr/bin/env node' } : {},
		legalComments: 'none',
		metafile: true,
		// A bundle has no `import.meta`: code that needs its own place on disk must be told.
		logOverride: { 'empty-import-meta': 'error' },
		logLevel: 'warning',
	};
}

/** @param {Bundle} bundle @returns {boolean} whether it is within its budget */
function report(bundle) {
	const kb = statSync(join(root, bundle.outfile)).size / 1024;
	const within = watch || kb <= bundle.budgetKb;
	console.log(
		`${bundle.outfile.padEnd(30)} ${kb.toFixed(1).padStart(7)} KB of ${bundle.budgetKb}${within ? '' : '  OVER BUDGET'}`,
	);
	return within;
}

/** @param {Bundle} bundle @param {import('esbuild').Metafile} metafile */
function writeMeta(bundle, metafile) {
	const path = join(root, 'out/meta', `${bundle.outfile.slice('dist/'.length).replaceAll('/', '-')}.json`);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, JSON.stringify(metafile));
}

/**
 * A provider's SDK belongs into its handler's bundle alone: elsewhere everyone would load it at start.
 * @param {Bundle} bundle @param {import('esbuild').Metafile} metafile @returns {boolean} whether it is so
 */
function keepsSdksLazy(bundle, metafile) {
	if (bundle.entry.startsWith('src/task/handlers/')) return true;
	const sdk = Object.keys(metafile.inputs).find((input) =>
		/node_modules\/(openai|@anthropic-ai|@google)\//.test(input),
	);
	if (sdk !== undefined) console.log(`${bundle.outfile} contains ${sdk}: import the handler with import()`);
	return sdk === undefined;
}

/** Leaves only what this build wrote: source maps, or a bundle that is no more. @param {string[]} written */
function removeStale(written) {
	for (const file of readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })) {
		const path = `dist/${file.replaceAll('\\', '/')}`;
		if (!written.includes(path) && statSync(join(root, path)).isFile()) rmSync(join(root, path));
	}
}

/**
 * The licences of all packages whose code is in the bundles: they ask to go with every copy.
 * @param {import('esbuild').Metafile[]} metafiles
 */
function writeNotices(metafiles) {
	const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
	const folders = new Set(inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? ''));
	const notices = [...folders]
		.filter((folder) => folder !== '')
		.sort()
		.map((folder) => {
			const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
			const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
			const text = file === undefined ? `Licence: ${license}` : readFileSync(join(root, folder, file), 'utf8').trim();
			return `${name} ${version}\n\n${text}\n`;
		});
	writeFileSync(join(root, noticesFile), notices.join(`\n${'-'.repeat(80)}\n\n`));
}

async function main() {
	const missing = bundles.filter(({ entry }) => !existsSync(join(root, entry)));
	for (const { entry } of missing) console.log(`${entry} does not exist${production ? '' : ': skipped'}`);
	if (production && missing.length > 0) return 1;
	const present = bundles.filter((bundle) => !missing.includes(bundle));

	if (watch) {
		for (const bundle of present) await (await esbuild.context(options(bundle))).watch();
		console.log('watching; press Ctrl-C to stop');
		return 0;
	}
	const results = await Promise.all(present.map((bundle) => esbuild.build(options(bundle))));
	const metafiles = results.map(({ metafile }) => metafile);
	writeNotices(metafiles);
	const types = declarationsOf(sdk);
	for (const file of sdkTypes) writeFileSync(join(root, file), types);
	for (const { entry, outfile } of present) if (entry === program) chmodSync(join(root, outfile), 0o755);
	if (production) removeStale([noticesFile, ...sdkTypes, ...metafiles.flatMap(({ outputs }) => Object.keys(outputs))]);
	let ok = true;
	for (const [index, bundle] of present.entries()) {
		const result = results[index];
		if (result === undefined) continue;
		writeMeta(bundle, result.metafile);
		ok = [report(bundle), keepsSdksLazy(bundle, result.metafile), ok].every(Boolean);
	}
	return ok ? 0 : 1;
}

process.exitCode = await main().catch((error) => {
	// esbuild has already printed what is wrong with the code; anything else is ours.
	if (!(error instanceof Error && 'errors' in error)) console.error(error);
	return 1;
});
