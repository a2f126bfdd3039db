import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the extension in VS Code', () => {
	const extension = vscode.extensions.getExtension('callmeter.callmeter');

	it('is there', () => {
		assert.ok(extension, 'VS Code does not know the extension');
	});

	it('activates', async () => {
		assert.ok(extension);
		await extension.activate();
		assert.equal(extension.isActive, true);
	});

	it('contributes its commands', async () => {
		const commands = await vscode.commands.getCommands(true);
		assert.ok(commands.includes('callmeter.showUsage'));
		assert.ok(commands.includes('callmeter.runSampleTask'));
	});
});
