import { join } from 'node:path';
import type { Environment } from '../../../src/cli/environment.ts';
import { main } from '../../../src/cli/main.ts';

const root = join(import.meta.dirname, '../../..');
/** The page on the command line. */
export const cliPage = join(root, 'docs/cli.md');
/** Characters in a line of the page's blocks. */
const columns = 100;

/** A page in which each block of help, headed by the line that prints it, is what that line prints now. */
export async function withHelp(page: string): Promise<string> {
	const blocks = [...page.matchAll(/```text\n\$ callmeter ([a-z ]*)--help\n(?:(?!```).*\n)*```/g)];
	let renewed = page;
	for (const [block, words = ''] of blocks) {
		const help = await helpOf(words.split(' ').filter((word) => word !== ''));
		renewed = renewed.replace(block, () => `\`\`\`text\n$ callmeter ${words}--help\n${help.trimEnd()}\n\`\`\``);
	}
	return renewed;
}

async function helpOf(words: readonly string[]): Promise<string> {
	let out = '';
	await main(nowhere([...words, '--help'], (text) => (out += text)));
	return out;
}

/** Surroundings in which nothing is: enough for commands to say what they are. */
export function nowhere(args: readonly string[], write: (text: string) => void): Environment {
	const none = join(root, 'dist/none.cjs');
	return {
		args,
		cwd: root,
		home: root,
		env: {},
		platform: 'linux',
		workers: { ledger: none, import: none, export: none, api: none, otlp: none, proxy: none },
		version: '0.0.0',
		locale: 'en-US',
		nowMs: 0,
		out: { write, columns },
		err: { write, columns },
		signal: new AbortController().signal,
	};
}
