import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../../src/host/commands.ts';
import { callmeter, extensionId } from './support.ts';

describe('activation', () => {
	before(callmeter);

	it('takes no longer than a person can notice, also on a machine that is busy starting', () => {
		const [measured] = performance.getEntriesByName('callmeter.activate');
		assert.ok(measured !== undefined);
		assert.ok(measured.duration < 250, `activate() took ${measured.duration} ms`);
	});

	it('loads no database into the extension host', () => {
		const extension = vscode.extensions.getExtension(extensionId);
		assert.ok(extension);
		const bundle = readFileSync(join(extension.extensionPath, extension.packageJSON.main), 'utf8');
		assert.equal(bundle.includes('node:sqlite'), false);
	});

	it('registers exactly the commands of the manifest', async () => {
		const contributed: { command: string }[] =
			vscode.extensions.getExtension(extensionId)?.packageJSON.contributes.commands;
		const ids = contributed.map(({ command }) => command).sort();
		assert.deepEqual(Object.keys(commands).sort(), ids);
		const registered = new Set(await vscode.commands.getCommands(true));
		assert.deepEqual(
			ids.filter((id) => !registered.has(id)),
			[],
		);
	});

	it('keeps settings that a repository must not change out of its reach', async () => {
		const configuration = vscode.workspace.getConfiguration('callmeter');
		assert.equal(configuration.get('telemetry.enabled'), false);
		await assert.rejects(async () =>
			configuration.update('telemetry.enabled', true, vscode.ConfigurationTarget.Workspace),
		);
	});
});
