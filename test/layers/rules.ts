import { builtinModules } from 'node:module';
import { posix } from 'node:path';

/** One `import`, `export … from`, `import()` or `require()` of a source file, types included. */
export interface Import {
	/** What was written: `zod`, `../core/usage.ts`. */
	specifier: string;
	/** When it is loaded: with the file, when the line runs (`await import(…)`), or never (only types). */
	loads: 'atOnce' | 'whenRun' | 'never';
}

interface Layer {
	/** Layers of this project that it may import, itself aside. */
	layers: readonly string[];
	/** Node's own modules. */
	node?: boolean;
	vscode?: boolean;
	/** Packages, by name. Adding one here is a decision: it must fit what the layer is for. */
	packages: readonly string[];
}

const everythingBelowHost = ['core', 'task', 'ledger', 'sources', 'server', 'telemetry', 'protocol'];

/** Who may import what. The table of `docs/architecture.md`, as code. */
const layers: Record<string, Layer> = {
	core: { layers: [], packages: ['zod'] },
	protocol: { layers: ['core'], packages: ['zod'] },
	task: { layers: ['core'], node: true, packages: ['zod', '@anthropic-ai/sdk', 'openai', '@google/genai'] },
	ledger: { layers: ['core'], node: true, packages: ['zod'] },
	sources: { layers: ['core'], node: true, packages: ['zod'] },
	server: { layers: ['core', 'ledger', 'sources'], node: true, packages: ['zod', 'otlp-schema', 'hono'] },
	telemetry: { layers: ['core'], node: true, packages: ['zod'] },
	host: { layers: [...everythingBelowHost, 'api'], node: true, vscode: true, packages: ['zod'] },
	/** `src/extension.ts` and `src/api.ts`, the doors of the extension. */
	api: { layers: [...everythingBelowHost, 'host'], node: true, vscode: true, packages: ['zod'] },
	entry: { layers: [...everythingBelowHost, 'host', 'api'], node: true, vscode: true, packages: ['zod'] },
	cli: { layers: [...everythingBelowHost, 'mcp'], node: true, packages: ['zod', 'commander', 'string-width'] },
	mcp: { layers: everythingBelowHost, node: true, packages: ['zod', '@modelcontextprotocol/server'] },
	sdk: { layers: everythingBelowHost, node: true, packages: ['zod'] },
	webview: {
		layers: ['core', 'protocol'],
		packages: [
			'zod',
			'chart.js',
			'@vscode/webview-ui-toolkit',
			'markdown-it',
			'@codemirror/legacy-modes',
			'@codemirror/streamparser',
		],
	},
};

/** Files that servers may take from the ledger: its face, not its inside. */
const ledgerFace = [
	'src/ledger/open-ledger.ts',
	'src/ledger/ledger.ts',
	'src/ledger/ledger-over-port.ts',
	'src/ledger/answers/run-diagnostics.ts',
	'src/ledger/registry.ts',
	'src/ledger/registry-place.ts',
	'src/ledger/make-folder.ts',
];
/** Packages that are loaded only when used: imported by a handler, and that handler only through `import()`. */
const lazyPackages = ['@anthropic-ai/sdk', 'openai', '@google/genai'];
const handlerFolder = 'src/task/handlers/';

/** The layer of a file (path from the project's root, with `/`), or `null` if it is in none. */
export function layerOf(file: string): string | null {
	if (file === 'src/extension.ts') return 'entry';
	if (file === 'src/api.ts') return 'api';
	if (file.startsWith('webview/')) return 'webview';
	const folder = /^src\/([^/]+)\//.exec(file)?.[1];
	return folder !== undefined && folder !== 'entry' && folder !== 'api' && folder in layers ? folder : null;
}

/** Every import of a formatted TypeScript source. Comments on lines of their own do not count. */
export function importsOf(source: string): Import[] {
	const code = source.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');
	const fixed = code.matchAll(/^\s*(?:import|export)(\s+type)?\b(?:[^'"`;]*?\bfrom)?\s*(['"])([^'"]+)\2/gm);
	const called = code.matchAll(/\b(import|require)\s*\(\s*(['"`])([^'"`]+)\2/g);
	return [
		...Array.from(fixed, ([, type, , specifier = '']) => ({ specifier, loads: type ? 'never' : 'atOnce' }) as const),
		...Array.from(
			called,
			([, how, , specifier = '']) => ({ specifier, loads: how === 'import' ? 'whenRun' : 'atOnce' }) as const,
		),
	];
}

/** What is wrong with a file, one sentence each; empty when it keeps the rules. */
export function violations(file: string, source: string, allFiles: ReadonlySet<string>): string[] {
	const name = layerOf(file);
	const layer = name === null ? undefined : layers[name];
	if (name === null || layer === undefined) return [`${file} is in no known layer`];
	const found = importsOf(source).map((each) => problem(file, name, layer, each, allFiles));
	const problems = found.filter((each) => each !== null);
	if (/^export\s+(default\b|\{[^}]*\bas\s+default\b)/m.test(source)) problems.push('has a default export');
	return problems.map((each) => `${file} ${each}`);
}

function problem(
	file: string,
	name: string,
	layer: Layer,
	{ specifier, loads }: Import,
	allFiles: ReadonlySet<string>,
): string | null {
	if (specifier === 'vscode')
		return layer.vscode === true ? null : 'imports vscode: only src/host, extension and api may';
	if (isBuiltin(specifier)) {
		if (!specifier.startsWith('node:')) return `imports ${specifier} without "node:"`;
		return layer.node === true ? null : `imports ${specifier}: ${name} runs without Node`;
	}
	if (!specifier.startsWith('.')) return packageProblem(file, name, layer, specifier, loads);
	return fileProblem(file, name, layer, posix.normalize(posix.join(posix.dirname(file), specifier)), loads, allFiles);
}

function packageProblem(
	file: string,
	name: string,
	layer: Layer,
	specifier: string,
	loads: Import['loads'],
): string | null {
	const packageName = specifier
		.split('/')
		.slice(0, specifier.startsWith('@') ? 2 : 1)
		.join('/');
	if (!layer.packages.includes(packageName)) return `imports ${packageName}: ${name} may not`;
	if (loads !== 'never' && lazyPackages.includes(packageName) && !file.startsWith(handlerFolder)) {
		return `imports ${packageName}: only ${handlerFolder} may, so that it loads when used`;
	}
	return null;
}

function fileProblem(
	file: string,
	name: string,
	layer: Layer,
	target: string,
	loads: Import['loads'],
	allFiles: ReadonlySet<string>,
): string | null {
	if (name === 'webview' && target.endsWith('.css')) return null;
	if (!allFiles.has(target)) return `imports ${target}, which does not exist`;
	const other = layerOf(target);
	if (other === null) return `imports ${target}, which is in no known layer`;
	if (other !== name && !layer.layers.includes(other)) return `imports ${target}: ${name} may not import ${other}`;
	if (name === 'server' && other === 'ledger' && !ledgerFace.includes(target)) {
		return `imports ${target}: a server uses the ledger only through its client`;
	}
	if (name === 'sources' && other === 'sources') {
		const crossing = sourceProblem(file, target);
		if (crossing !== null) return crossing;
	}
	if (loads === 'atOnce' && lazyHandlers.includes(target)) {
		return `imports ${target} at once: use import(), so that its SDK loads when used`;
	}
	return null;
}

/**
 * Each folder of `src/sources/` is an origin, but for the shared ones; those and the files beside them are what all
 * share, and only one file knows the origins.
 */
function sourceProblem(file: string, target: string): string | null {
	const [from, to] = [originOf(file), originOf(target)];
	if (to === null || to === from) return null;
	if (from !== null) return `imports ${target}: two sources never import each other`;
	return file === sourceCatalog ? null : `imports ${target}: only ${sourceCatalog} knows the sources`;
}

const sourceCatalog = 'src/sources/catalog.ts';

/** Folders of `src/sources/` that hold no origin of their own. */
const sharedSourceFolders: readonly string[] = ['folded', 'jsonl', 'opencode-session'];

function originOf(file: string): string | null {
	const folder = /^src\/sources\/([^/]+)\//.exec(file)?.[1] ?? null;
	return folder === null || sharedSourceFolders.includes(folder) ? null : folder;
}

const lazyHandlers = [`${handlerFolder}anthropic.ts`, `${handlerFolder}openai.ts`];

function isBuiltin(specifier: string): boolean {
	return specifier.startsWith('node:') || builtinModules.includes(specifier);
}
