/**
 * Takes the pictures of README and walkthrough that show an agent's task: what Roo Code was recorded to write, read from
 * its task folders by Callmeter in a real VS Code.
 */
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVsCode } from '../harness/open-vscode.ts';
import { recordingAt } from '../harness/roo-stand-in.ts';
import { root, say } from './setup.mjs';

const maxBytes = 200 * 1024;
const folder = await mkdtemp(join(tmpdir(), 'callmeter-pictures-'));
const home = join(folder, 'home');
await mkdir(home);
const vscode = await openVsCode({
	home,
	size: { width: 1280, height: 800 },
	// The tasks are of another folder than the one that is open here.
	settings: { 'callmeter.sources.scope': 'allProjects' },
});
try {
	const storage = join(home, '.config/Code/User/globalStorage/rooveterinaryinc.roo-cline/tasks');
	const minute = 60_000;
	for (const [name, agoMs] of [
		['roo-3.52.1', 12 * minute],
		['roo-3.52.1-responses-gemini', 4 * minute],
	] as const) {
		const recording = await recordingAt(name, Date.now() - agoMs, '/home/dev/project');
		for (const [task, files] of recording.files) {
			await mkdir(join(storage, task), { recursive: true });
			for (const [file, text] of Object.entries(files)) await writeFile(join(storage, task, file), text);
		}
	}
	await vscode.page.keyboard.press('Control+B');
	await vscode.runCommand('LLM Usage: Import Now');
	await vscode.runCommand('LLM Usage: Show Sources');
	const panel = vscode.panel();
	await panel.locator('.source[data-source="roo-code"]').getByText('Up to date').waitFor();
	await vscode.runCommand('LLM Usage: Show LLM Usage');
	await panel
		.getByRole('button', { name: 'Overview' })
		.or(panel.getByRole('link', { name: 'Overview' }))
		.first()
		.click();
	await panel.locator('[data-card="calls"] .card-value').filter({ hasNotText: /^0$/ }).waitFor();
	await picture('walkthrough/agents');
	await panel
		.getByRole('button', { name: 'Prompts' })
		.or(panel.getByRole('link', { name: 'Prompts' }))
		.first()
		.click();
	await panel.locator('.rows .row[data-state="ok"]').first().waitFor();
	await panel.locator('.rows .row', { hasText: 'claude-sonnet' }).first().click();
	await panel.locator('.bubble').first().waitFor();
	await picture('agent-call');
} finally {
	await vscode.close();
	await rm(folder, { recursive: true, force: true });
}

async function picture(name: string): Promise<void> {
	await vscode.page.mouse.move(0, 0);
	const path = join(root, `media/${name}.png`);
	await vscode.screenshot(path);
	const { size } = await stat(path);
	say(`media/${name}.png: ${Math.round(size / 1024)} KB`);
	if (size > maxBytes) throw new Error(`media/${name}.png is too large`);
}
