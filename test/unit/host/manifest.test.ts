import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import * as z from 'zod';

const root = join(import.meta.dirname, '../../..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');

const settingSchema = z.looseObject({ scope: z.string(), default: z.unknown() });
const manifest = z
	.looseObject({
		activationEvents: z.array(z.string()),
		extensionKind: z.array(z.string()),
		capabilities: z.object({
			untrustedWorkspaces: z.looseObject({
				supported: z.string(),
				restrictedConfigurations: z.array(z.string()).optional(),
			}),
			virtualWorkspaces: z.looseObject({ supported: z.string() }),
		}),
		contributes: z.looseObject({
			commands: z.array(z.looseObject({ command: z.string(), category: z.string() })),
			menus: z.looseObject({ commandPalette: z.array(z.object({ command: z.string(), when: z.string() })) }),
			configuration: z.object({ properties: z.record(z.string(), settingSchema) }).loose(),
			walkthroughs: z.array(
				z.looseObject({
					steps: z.array(z.looseObject({ id: z.string(), media: z.object({ markdown: z.string() }) })),
				}),
			),
		}),
	})
	.parse(JSON.parse(text('package.json')));
const settings = manifest.contributes.configuration.properties;

describe('the manifest', () => {
	it('starts the extension only after VS Code itself, or for its panel', () => {
		assert.deepEqual(manifest.activationEvents, ['onStartupFinished', 'onWebviewPanel:callmeter.usage']);
	});

	it('runs where the records are', () => {
		assert.deepEqual(manifest.extensionKind, ['workspace']);
	});

	it('takes telemetry, content and whatever names a path, an endpoint or a price from the user alone', () => {
		const reachable = Object.entries(settings).filter(
			([, { scope }]) => scope !== 'machine' && scope !== 'application',
		);
		assert.deepEqual(
			reachable.map(([name]) => name),
			['callmeter.diagnostics.enabled'],
		);
	});

	it('keeps telemetry off unless the user turns it on', () => {
		assert.equal(settings['callmeter.telemetry.enabled']?.default, false);
	});

	it('works in part in a workspace that is not trusted, and restricts no setting that no workspace can make', () => {
		const { supported, restrictedConfigurations = [] } = manifest.capabilities.untrustedWorkspaces;
		assert.equal(supported, 'limited');
		assert.deepEqual(
			restrictedConfigurations.filter((name) => /^(machine|application)$/.test(settings[name]?.scope ?? 'machine')),
			[],
		);
	});

	it('offers only to a trusted workspace what sends its files to a provider', () => {
		const { commandPalette } = manifest.contributes.menus;
		const guarded = commandPalette.filter(({ when }) => when === 'isWorkspaceTrusted').map(({ command }) => command);
		assert.deepEqual(guarded, ['callmeter.runTask']);
	});

	it('has no setting that nothing reads', () => {
		const files = globSync('src/host/*settings.ts', { cwd: root });
		const source = files.map(text).join('\n');
		// By its section and the rest of its name, wherever the two are cut; `${provider}` stands for all of them.
		const read = (name: string) => {
			const parts = name.replace(/\.(openai|anthropic|gemini)\./, `.\${provider}.`).split('.');
			return parts.some((_, cut) => {
				const [section, rest] = [parts.slice(0, cut).join('.'), parts.slice(cut).join('.')];
				return (
					source.includes(`'${section}'`) && [`'${rest}'`, `\`${rest}\``].some((literal) => source.includes(literal))
				);
			});
		};
		assert.deepEqual(
			Object.keys(settings).filter((name) => !read(name)),
			[],
		);
	});

	it('puts every command into the category "LLM Usage"', () => {
		for (const { command, category } of manifest.contributes.commands) assert.equal(category, 'LLM Usage', command);
	});

	it('has a text for each of its placeholders, and no text for none', () => {
		const used = [...text('package.json').matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);
		const texts = Object.keys(JSON.parse(text('package.nls.json')) as Record<string, string>);
		assert.deepEqual([...new Set(used)].sort(), texts.sort());
	});

	it('links its walkthrough and its pictures to files and commands that exist', () => {
		const commands = new Set(manifest.contributes.commands.map(({ command }) => command));
		const files = new Set(globSync('media/**/*.*', { cwd: root }).map((file) => file.replaceAll('\\', '/')));
		for (const { media } of manifest.contributes.walkthroughs.flatMap(({ steps }) => steps)) {
			assert.ok(files.has(media.markdown), media.markdown);
		}
		for (const [, linked = ''] of text('package.nls.json').matchAll(/\(command:([\w.]+)\)/g)) {
			assert.ok(commands.has(linked), linked);
		}
	});
});
