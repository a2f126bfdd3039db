import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const root = join(import.meta.dirname, '../../..');

let built: { ledger: string; import: string; export: string } | null = null;

/** The workers of a command line as they ship, made once for all tests: from their sources they take ten times as long to start. */
export function builtWorkers(): { ledger: string; import: string; export: string } {
	if (built !== null) return built;
	const folder = mkdtempSync(join(tmpdir(), 'callmeter-workers-'));
	process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
	buildSync({
		absWorkingDir: root,
		entryPoints: {
			ledger: 'src/ledger/worker.ts',
			import: 'src/sources/import-worker.ts',
			export: 'src/ledger/export/export-worker.ts',
		},
		outdir: folder,
		outExtension: { '.js': '.cjs' },
		bundle: true,
		format: 'cjs',
		platform: 'node',
		target: 'node24',
		logLevel: 'error',
	});
	built = {
		ledger: join(folder, 'ledger.cjs'),
		import: join(folder, 'import.cjs'),
		export: join(folder, 'export.cjs'),
	};
	return built;
}
