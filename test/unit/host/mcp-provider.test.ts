import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import './vscode/register.ts';
import type * as providerModule from '../../../src/host/mcp-provider.ts';
import { lm, workspace } from './vscode/stub.ts';

const root = join(import.meta.dirname, '../../..');

describe('the MCP server that VS Code is offered', () => {
	let McpProvider: typeof providerModule.McpProvider;
	let content: 'full' | 'redacted';
	let place: { directory: string; holds: 'workspace' } | undefined;
	let contentChanged: () => void = () => undefined;

	before(async () => {
		({ McpProvider } = await import('../../../src/host/mcp-provider.ts'));
	});
	beforeEach(() => {
		workspace.isTrusted = true;
		[content, place] = ['full', { directory: '/ledgers/a', holds: 'workspace' }];
	});

	function provider() {
		return new McpProvider({
			settings: {
				get content() {
					return content;
				},
				onDidChange: (names, listener) => {
					assert.deepEqual(names, ['content']);
					contentChanged = listener;
					return { dispose: () => undefined };
				},
			},
			place: async () => place,
			programPath: '/extension/dist/callmeter.cjs',
			version: '1.2.3',
		});
	}

	it('is the command line’s, run by VS Code itself, on the ledger of the window, which keeps as little as the window', async () => {
		content = 'redacted';
		const [definition] = await provider().provideMcpServerDefinitions();
		assert.deepEqual(
			{ ...definition },
			{
				label: 'Callmeter',
				command: process.execPath,
				args: [
					'/extension/dist/callmeter.cjs',
					'mcp',
					'--ledger',
					join('/ledgers/a', 'ledger.db'),
					'--content',
					'redacted',
				],
				env: { ELECTRON_RUN_AS_NODE: '1' },
				version: '1.2.3',
			},
		);
	});

	it('is offered once the workspace is trusted, and only where there is a ledger', async () => {
		const offers = provider();
		let changes = 0;
		offers.onDidChangeMcpServerDefinitions(() => changes++);
		workspace.isTrusted = false;
		assert.deepEqual(await offers.provideMcpServerDefinitions(), []);
		workspace.isTrusted = true;
		workspace.grantTrust();
		assert.equal(changes, 1);
		contentChanged();
		assert.equal(changes, 2);
		place = undefined;
		assert.deepEqual(await offers.provideMcpServerDefinitions(), []);
	});

	it('is registered by the id of the manifest', () => {
		const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
			contributes: { mcpServerDefinitionProviders: { id: string }[] };
		};
		provider().register();
		assert.deepEqual(
			[...lm.mcpProviders],
			contributes.mcpServerDefinitionProviders.map(({ id }) => id),
		);
	});
});
