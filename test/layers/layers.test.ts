import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf, layerOf, violations } from './rules.ts';

const root = join(import.meta.dirname, '../..');

describe('layers', () => {
	const files = globSync('{src,webview}/**/*.{ts,tsx,js,mjs,cjs}', { cwd: root }).map((file) =>
		file.replaceAll('\\', '/'),
	);
	const known = new Set([...files, ...globSync('src/**/*.json', { cwd: root })]);

	it('finds the sources of the project', () => {
		assert.ok(files.includes('src/core/usage.ts'));
	});

	it('holds for every source file', () => {
		const found = files.flatMap((file) => violations(file, readFileSync(join(root, file), 'utf8'), known));
		assert.deepEqual(found, []);
	});
});

describe('the layer rule', () => {
	const known = new Set([
		'src/core/usage.ts',
		'src/ledger/client.ts',
		'src/ledger/writer.ts',
		'src/sources/source.ts',
		'src/sources/catalog.ts',
		'src/sources/opencode-session/rows.ts',
		'src/sources/cline/read.ts',
		'src/sources/codex/read.ts',
		'src/host/panel.ts',
		'src/protocol/messages.ts',
		'src/task/task.ts',
		'src/task/handlers/openai.ts',
	]);
	const refused: [what: string, file: string, source: string, complaint: RegExp][] = [
		['vscode outside the host', 'src/ledger/a.ts', `import * as vscode from 'vscode';`, /imports vscode/],
		['a vscode type outside the host', 'src/task/a.ts', `import type { Uri } from 'vscode';`, /imports vscode/],
		['Node in core', 'src/core/a.ts', `import { createHash } from 'node:crypto';`, /runs without Node/],
		['Node in the webview', 'webview/a.ts', `import { join } from 'node:path';`, /runs without Node/],
		['Node without its scheme', 'src/ledger/a.ts', `import fs from 'fs';`, /without "node:"/],
		['the ledger from core', 'src/core/a.ts', `import { x } from '../ledger/client.ts';`, /core may not import ledger/],
		[
			'a type of a higher layer',
			'src/core/a.ts',
			`import type { x } from '../host/panel.ts';`,
			/core may not import host/,
		],
		[
			'the host from the task loop',
			'src/task/a.ts',
			`export { x } from '../host/panel.ts';`,
			/task may not import host/,
		],
		[
			'the ledger from the webview',
			'webview/a.ts',
			`import '../src/ledger/client.ts';`,
			/webview may not import ledger/,
		],
		['the host from the CLI', 'src/cli/a.ts', `const x = await import('../host/panel.ts');`, /cli may not import host/],
		[
			'one source from another',
			'src/sources/cline/a.ts',
			`import { x } from '../codex/read.ts';`,
			/never import each other/,
		],
		[
			'a source from what all sources share',
			'src/sources/importer.ts',
			`import './cline/read.ts';`,
			/only src\/sources\/catalog\.ts knows/,
		],
		[
			"the ledger's inside from a server",
			'src/server/a.ts',
			`import { x } from '../ledger/writer.ts';`,
			/through its client/,
		],
		['an unlisted package', 'src/core/a.ts', `import _ from 'lodash';`, /imports lodash: core may not/],
		['an SDK outside a handler', 'src/task/a.ts', `import OpenAI from 'openai';`, /only src\/task\/handlers\/ may/],
		['a heavy handler at once', 'src/task/a.ts', `import { x } from './handlers/openai.ts';`, /use import\(\)/],
		['a file that is not there', 'src/core/a.ts', `import { x } from './nowhere.ts';`, /does not exist/],
		['a default export', 'src/core/a.ts', 'export default 1;', /default export/],
		['a renamed default export', 'src/core/a.ts', 'const a = 1;\nexport { a as default };', /default export/],
		['a file in an unknown folder', 'src/misc/a.ts', '', /in no known layer/],
		['a file beside the layers', 'src/helpers.ts', '', /in no known layer/],
		['an import over several lines', 'src/core/a.ts', `import {\n\tx,\n\ty,\n} from 'node:fs';`, /imports node:fs/],
		['a require', 'src/core/a.ts', `const fs = require('node:fs');`, /imports node:fs/],
	];
	for (const [what, file, source, complaint] of refused) {
		it(`refuses ${what}`, () => {
			assert.match(violations(file, source, known).join('\n'), complaint);
		});
	}

	const allowed: [what: string, file: string, source: string][] = [
		['zod in core', 'src/core/a.ts', `import * as z from 'zod';`],
		['core from anywhere', 'webview/a.ts', `import type { Usage } from '../src/core/usage.ts';`],
		['vscode in the host', 'src/host/a.ts', `import * as vscode from 'vscode';`],
		['a folder of the same source', 'src/sources/codex/a.ts', `import { x } from './read.ts';`],
		['what sources share', 'src/sources/cline/a.ts', `import { x } from '../source.ts';`],
		['a folder that sources share', 'src/sources/kilo-db/a.ts', `import { x } from '../opencode-session/rows.ts';`],
		['sources in their catalog', 'src/sources/catalog.ts', `import './cline/read.ts';\nimport './codex/read.ts';`],
		['a heavy handler when used', 'src/task/a.ts', `const { x } = await import('./handlers/openai.ts');`],
		['the type of a heavy handler', 'src/task/a.ts', `import type { X } from './handlers/openai.ts';`],
		['a style sheet in the webview', 'webview/main.ts', `import './main.css';`],
		['a forbidden import in a comment', 'src/core/a.ts', `// import fs from 'node:fs';\n/*\nimport 'vscode';\n*/`],
	];
	for (const [what, file, source] of allowed) {
		it(`allows ${what}`, () => {
			assert.deepEqual(violations(file, source, known), []);
		});
	}

	it('knows the layer of the doors of the extension', () => {
		assert.deepEqual(['src/extension.ts', 'src/api.ts', 'src/host/panel.ts'].map(layerOf), ['entry', 'api', 'host']);
	});

	it('sees imports of every form', () => {
		const source = `import a from 'a';\nimport 'b';\nexport * from "c";\nexport type { d } from 'd';\nawait import('e');`;
		assert.deepEqual(
			importsOf(source).map(({ specifier }) => specifier),
			['a', 'b', 'c', 'd', 'e'],
		);
	});
});
