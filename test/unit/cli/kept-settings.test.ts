import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeptSettings } from '../../../src/cli/kept-settings.ts';
import type { ContentSetting } from '../../../src/core/redact.ts';
import { LedgerRegistry } from '../../../src/ledger/registry.ts';
import { registryDirectory } from '../../../src/ledger/registry-place.ts';

describe('the settings that a command keeps a ledger by', () => {
	let home: string;
	let registry: LedgerRegistry;
	let file: string;

	beforeEach(() => {
		home = mkdtempSync(join(tmpdir(), 'callmeter-kept-'));
		file = join(home, 'ledger.db');
		registry = new LedgerRegistry(registryDirectory({ platform: 'linux', home, env: {} }));
		registry.register({ ledger: file, folders: [home], name: 'here', registeredAtMs: 1 });
	});
	afterEach(() => rmSync(home, { recursive: true, force: true }));

	const kept = (wanted: ContentSetting) => new KeptSettings({ platform: 'linux', home, env: {} }, file, wanted);

	/** What a ledger is told; `fails`: it does not take prices at present. */
	function told(fails: () => boolean = () => false) {
		const content: ContentSetting[] = [];
		const prices: unknown[] = [];
		const ledger = {
			setContent: async (setting: ContentSetting) => void content.push(setting),
			setPriceOverrides: async (overrides: unknown) => {
				if (fails()) throw new Error('locked');
				prices.push(overrides);
			},
		};
		return { ledger, content, prices };
	}

	it('are those of its window, or stricter ones', () => {
		assert.deepEqual(kept('redacted').toOpen(), { content: 'redacted', prices: undefined });
		registry.keepSettings(file, { content: 'off', prices: { m: { input: 1 } } });
		assert.deepEqual(kept('redacted').toOpen(), { content: 'off', prices: { m: { input: 1 } } });
		registry.keepSettings(file, { content: 'full', prices: {} });
		assert.equal(kept('redacted').toOpen().content, 'redacted');
	});

	it('hold on while what the window said cannot be read', () => {
		registry.keepSettings(file, { content: 'off', prices: { m: { input: 1 } } });
		const settings = kept('full');
		settings.toOpen();
		registry.forget(file);
		assert.deepEqual(settings.now(), { content: 'off', prices: { m: { input: 1 } } });
	});

	it('are told to the ledger again when they change, prices only then', async () => {
		const settings = kept('full');
		settings.toOpen();
		const { ledger, content, prices } = told();
		assert.equal(await settings.apply(ledger), 'full');
		registry.keepSettings(file, { content: 'redacted', prices: { m: { input: 1 } } });
		assert.equal(await settings.apply(ledger), 'redacted');
		await settings.apply(ledger);
		assert.deepEqual(content, ['full', 'redacted', 'redacted']);
		assert.deepEqual(prices, [{ m: { input: 1 } }]);
	});

	it('are told to the ledger until it takes them', async () => {
		const settings = kept('full');
		settings.toOpen();
		registry.keepSettings(file, { content: 'off', prices: { m: { input: 1 } } });
		let isLocked = true;
		const { ledger, prices } = told(() => isLocked);
		assert.equal(await settings.apply(ledger), 'off');
		isLocked = false;
		await settings.apply(ledger);
		assert.deepEqual(prices, [{ m: { input: 1 } }]);
	});
});
