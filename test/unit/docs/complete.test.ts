import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { before, describe, it } from 'mocha';
import { commandEntries } from '../../../src/cli/commands.ts';
import type { Environment } from '../../../src/cli/environment.ts';
import { EVENT_TYPES } from '../../../src/core/events.ts';
import { questions } from '../../../src/ledger/answers/questions.ts';
import { logCallTool } from '../../../src/mcp/log-llm-call.ts';
import * as sdk from '../../../src/sdk/sdk.ts';
import { apiPaths } from '../../../src/server/api/api-paths.ts';
import { headings } from './markdown.ts';

const root = join(import.meta.dirname, '../../..');
const page = (name: string) => readFileSync(join(root, name), 'utf8');
/** All that people read, as one text. */
const all = ['README.md', ...globSync('docs/**/*.md', { cwd: root })].map(page).join('\n');
const manifest = JSON.parse(page('package.json'));
const titles: Record<string, string> = JSON.parse(page('package.nls.json'));

/** Names of one kind: all that exist, and those that the pages speak of. */
function compare(kind: string, existing: readonly string[], told: readonly string[]): void {
	const missing = existing.filter((name) => !told.includes(name));
	const invented = told.filter((name) => !existing.includes(name));
	assert.deepEqual({ missing, invented }, { missing: [], invented: [] }, kind);
}

const found = (text: string, pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];

describe('story 5.1: new doc page explains concept, setup, and usage', () => {
	it('story 5.1: the guide has the idea, the set-up and the use, each with more than a sentence', () => {
		const text = page('docs/guide.md');
		const chapters = headings(text).filter(({ level }) => level === 2);
		assert.deepEqual(
			chapters.slice(0, 4).map((heading) => heading.text),
			['The idea', 'Set it up', 'Use it', 'Record your own calls'],
		);
		for (const [at, chapter] of chapters.entries()) {
			const next = chapters[at + 1];
			const from = text.indexOf(`## ${chapter.text}\n`);
			const body = text.slice(from, next === undefined ? text.length : text.indexOf(`## ${next.text}\n`));
			assert.ok(body.split(/\s+/).length > 100, chapter.text);
		}
	});

	it('story 5.1: the guide has examples for OpenAI, Anthropic and Google that run', () => {
		const text = page('docs/guide.md');
		for (const client of ['@anthropic-ai/sdk', 'openai', '@google/genai']) {
			assert.match(text, new RegExp(`\`\`\`ts run\\nimport [^\\n]* from '${client}';`), client);
		}
	});
});

describe('story 5.1: API reference is complete and accurate', () => {
	it('every event type has a chapter, and no other', () => {
		const chapters = headings(page('docs/events.md')).filter(({ level }) => level === 2);
		const named = chapters.map(({ text }) => text).filter((text) => /^[a-z]+_[a-z]+$/.test(text));
		compare('event types', EVENT_TYPES, named);
	});

	it('every request of the HTTP API has a chapter, and no other is spoken of', () => {
		const existing = apiPaths.map(({ method, path }) => `${method} /api${path}`);
		compare(
			'requests',
			existing,
			headings(page('docs/http-api.md')).flatMap(({ text }) => (/^(GET|POST) /.test(text) ? text : [])),
		);
		const paths = apiPaths.map(({ path }) => `/api${path}`.replace(/\{\w+\}/, ''));
		const told = found(all, /(?<![\w.-])(\/api\/[a-z/.]+)/g);
		assert.deepEqual(
			told.filter((path) => !paths.some((each) => path === each || path === each.replace(/\/$/, ''))),
			[],
		);
	});

	it('every command of VS Code is told of by its title, and no other', () => {
		const existing = manifest.contributes.commands.map(({ command }: { command: string }) =>
			(titles[command.replace(/^callmeter\.(.*)$/, 'command.$1.title')] ?? '').replace('…', ''),
		);
		const told = found(all, /LLM Usage: ([A-Z][A-Za-z ]+?)(?:…|\*|,|\.|$|")/gm).map((title) => title.trim());
		compare('commands', existing, told);
	});

	it('every setting is told of, and no other', () => {
		const existing = Object.keys(manifest.contributes.configuration.properties);
		// A name that ends in `.*` stands for all that begin so.
		const groups = found(all, /`(callmeter\.[\w.]+)\.\*`/g);
		const told = found(
			all,
			/(?<![\w"/.-])"?(callmeter\.(?:content|sources|ledger|prices|telemetry|diagnostics|server|task|budget|retention)(?:\.\w+)*)/g,
		);
		const singles = told.filter((name) => !groups.includes(name));
		const grouped = existing.filter((name) => groups.some((group) => name.startsWith(`${group}.`)));
		compare('settings', existing, [...new Set([...singles, ...grouped])]);
	});

	it('every method of the SDK, and every function that it exports, is told of in its page, and no other', () => {
		const text = page('docs/sdk.md');
		const methods = Object.getOwnPropertyNames(sdk.CallmeterClient.prototype).filter((name) => name !== 'constructor');
		const functions = Object.keys(sdk).filter((name) => /^[a-z]/.test(name));
		for (const name of [...methods, ...functions]) assert.match(text, new RegExp(`\\b${name}\\(`), name);
		const told = found(text, /\bcallmeter\.(\w+)\(/g);
		assert.deepEqual(
			told.filter((name) => !methods.includes(name)),
			[],
		);
	});

	it('every MCP tool is told of in its page, and no other', () => {
		const existing = [logCallTool.name, ...Object.values(questions).map(({ name }) => name)];
		const told = headings(page('docs/mcp.md')).flatMap(({ text }) => (/^[a-z]+(_[a-z]+)+$/.test(text) ? text : []));
		compare('MCP tools', existing, told);
	});

	describe('the command line', () => {
		const programs: Command[] = [];

		before(async () => {
			// Only names and options are asked for: nothing of it runs.
			const environment = {
				env: {},
				workers: {},
				platform: process.platform,
				home: '/',
				cwd: '/',
			} as unknown as Environment;
			const program = new Command('callmeter');
			for (const { load } of commandEntries) (await load())(program, environment);
			const walk = (command: Command): Command[] => [command, ...command.commands.flatMap(walk)];
			programs.push(...program.commands.flatMap(walk));
		});

		it('every command and every option is told of in its page', () => {
			const text = page('docs/cli.md');
			for (const command of programs) {
				const names = [command.name()];
				for (let at = command.parent; at?.parent; at = at.parent) names.unshift(at.name());
				assert.ok(text.includes(names.join(' ')) || text.includes(`\`${command.name()}\``), names.join(' '));
				for (const { long } of command.options) {
					if (long !== undefined && long !== null) assert.ok(text.includes(long), `${names.join(' ')} ${long}`);
				}
			}
		});

		it('no page speaks of a command or an option that is not there', () => {
			const names = new Set(programs.map((command) => command.name()));
			const told = found(all, /(?:^|[`\s(])callmeter ([a-z]+)(?=[\s`.,)]|$)/gm);
			assert.deepEqual(
				told.filter((name) => !names.has(name)),
				[],
			);
			const options = new Set([
				...programs.flatMap((command) => command.options.map(({ long }) => long)),
				...['--help', '--version', '--no-color'],
			]);
			const lines = all.split('\n').filter((line) => /^callmeter |`callmeter [a-z]/.test(line));
			const used = found(lines.join('\n'), /(?<![\w-])(--[a-z][a-z-]+)/g);
			assert.deepEqual(
				used.filter((option) => !options.has(option)),
				[],
			);
		});
	});
});
