import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'mocha';
import './vscode/register.ts';
import type * as vscode from 'vscode';
import type * as firstRunModule from '../../../src/host/first-run.ts';

const notice: firstRunModule.FirstNotice = {
	content: 'full',
	scope: 'thisWorkspace',
	hasFolder: true,
	directory: '/storage/of/another/window',
};

describe('the notice on the first start', () => {
	let showFirstNotice: typeof firstRunModule.showFirstNotice;
	let window: Record<string, unknown>;
	let told: string[];
	let memory: Map<string, unknown>;

	before(async () => {
		({ showFirstNotice } = await import('../../../src/host/first-run.ts'));
		({ window } = (await import('vscode')) as unknown as { window: typeof window });
	});

	beforeEach(() => {
		[told, memory] = [[], new Map()];
		Object.assign(window, { showInformationMessage: async (text: string) => void told.push(text) });
	});

	async function show(over: Partial<firstRunModule.FirstNotice> = {}): Promise<string> {
		const state = {
			get: (key: string) => memory.get(key),
			update: async (key: string, value: unknown) => void memory.set(key, value),
		};
		await showFirstNotice(state as unknown as vscode.Memento, async () => ({ ...notice, ...over }));
		return told.at(-1) ?? '';
	}

	it('comes once', async () => {
		await show();
		await show();
		assert.equal(told.length, 1);
	});

	it('names the folder that the ledger is really in', async () => {
		assert.match(await show(), /stays on this machine, in \/storage\/of\/another\/window\.$/);
	});

	it('names no folder when there is no ledger', async () => {
		assert.match(await show({ directory: null }), /stays on this machine\.$/);
	});

	for (const [over, words] of [
		[{}, /agents in this workspace, .* records/],
		[{ hasFolder: false }, /agents make in this window\. It/],
		[{ scope: 'allProjects' }, /agents in all projects, .* records/],
		[{ scope: 'allProjects', hasFolder: false }, /agents in all projects, .* records/],
	] as const) {
		it(`says whose calls are recorded: ${JSON.stringify(over)}`, async () => {
			assert.match(await show(over), words);
		});
	}

	it('speaks of prompts only as far as they are kept', async () => {
		assert.match(await show(), /keeps prompts with secrets masked/);
		memory.clear();
		assert.match(await show({ content: 'redacted' }), /without prompts and completions/);
	});
});
