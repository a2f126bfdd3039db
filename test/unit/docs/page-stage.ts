import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type AnsweringProvider, startAnsweringProvider } from '../../fixtures/providers/answering-provider.ts';
import type { CodeBlock } from './markdown.ts';

const root = join(import.meta.dirname, '../../..');
/** What the blocks of a page may import. `callmeter` is this package as it is built. */
const packages = ['openai', '@anthropic-ai/sdk', '@google/genai', '@modelcontextprotocol/client', 'zod'];
const limitMs = 30_000;

/** How a block is started, by its language. `shell`: it gets the address and the token of the server in its environment. */
const languages: Readonly<Record<string, { file: string; program: string; args: string[]; shell: boolean }>> = {
	sh: { file: 'sh', program: 'sh', args: ['-eu'], shell: true },
	python: { file: 'py', program: 'python3', args: [], shell: true },
	js: { file: 'js', program: process.execPath, args: [], shell: false },
	ts: { file: 'ts', program: process.execPath, args: [], shell: false },
};

export const runnableLanguages = Object.keys(languages);

interface ServeJson {
	endpoint: string;
	token: string;
}

/**
 * Where the blocks of one page run, one after the other: a home and a folder of their own, a ledger, `callmeter` on the
 * path, the SDK and the providers' clients to import, providers that always answer the same, and a server that runs.
 */
export class PageStage {
	readonly #folder = mkdtempSync(join(tmpdir(), 'callmeter-docs-'));
	readonly #home = join(this.#folder, 'home');
	/** The current folder of the blocks. */
	readonly project = join(this.#home, 'project');
	readonly #children: ChildProcess[] = [];
	#provider: AnsweringProvider | undefined;
	#server: ServeJson | undefined;

	/** `serves`: a server runs before the first block; a page that starts one itself wants none. */
	async open(serves: boolean): Promise<void> {
		for (const needed of ['callmeter.cjs', 'cli.cjs']) {
			if (!existsSync(join(root, 'dist', needed))) throw new Error('There is nothing to run: npm run build makes it.');
		}
		const modules = join(this.project, 'node_modules');
		mkdirSync(modules, { recursive: true });
		writeFileSync(join(this.project, 'package.json'), '{ "type": "module", "private": true }\n');
		for (const name of packages) {
			mkdirSync(dirname(join(modules, name)), { recursive: true });
			symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
		}
		symlinkSync(root, join(modules, 'callmeter'), 'junction');
		const bin = join(this.#home, 'bin');
		mkdirSync(bin);
		writeFileSync(join(bin, 'callmeter'), `#!/bin/sh\nexec "${process.execPath}" "${root}/dist/callmeter.cjs" "$@"\n`);
		chmodSync(join(bin, 'callmeter'), 0o755);
		this.#provider = await startAnsweringProvider();
		if (!serves) return;
		const line = await this.#firstLine(
			this.#spawn('callmeter', ['serve', '--port', '0', '--show-token', '--json'], true),
		);
		this.#server = JSON.parse(line);
	}

	/** Runs a block to its end; throws with what it said when it fails. @returns what it printed */
	async run(block: CodeBlock, at: number): Promise<string> {
		const language = languages[block.language];
		if (language === undefined) throw new Error(`No block in ${block.language} can be run`);
		const file = join(this.project, `block-${at}.${language.file}`);
		writeFileSync(file, block.code);
		const child = this.#spawn(language.program, [...language.args, file], language.shell);
		if (block.words.includes('background')) return this.#firstLine(child);
		let [out, err] = ['', ''];
		child.stdout?.setEncoding('utf8').on('data', (text: string) => {
			out += text;
		});
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			err += text;
		});
		const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
		const [code, signal] = await once(child, 'close');
		clearTimeout(timer);
		if (code !== 0) throw new Error(`It ended with ${signal ?? code}.\n${out}${err}`);
		return out;
	}

	async close(): Promise<void> {
		for (const child of this.#children.splice(0).reverse()) {
			if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
			const closed = once(child, 'close');
			const kill = setTimeout(() => child.kill('SIGKILL'), 5000);
			child.kill('SIGINT');
			await closed;
			clearTimeout(kill);
		}
		await this.#provider?.close();
		rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
	}

	#spawn(program: string, args: string[], shell: boolean): ChildProcess {
		const child = spawn(program, args, {
			cwd: this.project,
			stdio: ['ignore', 'pipe', 'pipe'],
			env: {
				HOME: this.#home,
				PATH: [join(this.#home, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter),
				LANG: 'C.UTF-8',
				TZ: 'UTC',
				NO_COLOR: '1',
				...this.#provider?.env,
				...(shell && this.#server && { CALLMETER_URL: this.#server.endpoint, CALLMETER_TOKEN: this.#server.token }),
			},
		});
		this.#children.push(child);
		return child;
	}

	/** The first line that a program prints which goes on running. */
	async #firstLine(child: ChildProcess): Promise<string> {
		if (child.stdout === null) throw new Error('It has no output');
		let err = '';
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			err += text;
		});
		const lines = createInterface({ input: child.stdout });
		const [line] = await Promise.race([once(lines, 'line'), once(lines, 'close')]);
		if (typeof line !== 'string') throw new Error(`It said nothing and ended.\n${err}`);
		return line;
	}
}

/** A page by its path from the root of the repository. */
export function pageText(page: string): string {
	return readFileSync(join(root, page), 'utf8');
}
