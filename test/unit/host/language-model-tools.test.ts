import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import './vscode/register.ts';
import type * as vscode from 'vscode';
import { portableSchema } from '../../../src/core/outside/portable-schema.ts';
import type * as toolsModule from '../../../src/host/language-model-tools.ts';
import { type Question, questions } from '../../../src/ledger/answers/questions.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { callDraft, parsed, responseDraft, temporaryFolder, workerPath } from '../ledger/support.ts';
import { CancellationTokenSource, lm } from './vscode/stub.ts';

interface Contributed {
	name: string;
	modelDescription: string;
	inputSchema: object;
	when?: string;
}

const root = join(import.meta.dirname, '../../..');
const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
	contributes: { languageModelTools: Contributed[]; mcpServerDefinitionProviders: { id: string }[] };
};

describe('language model tools', () => {
	const folder = temporaryFolder();
	const ledger = openLedger({ file: folder.file, workerPath });
	const logged: string[] = [];
	let toolNames: typeof toolsModule.toolNames;
	let showsContent = true;
	let slow: Promise<Ledger> | null = null;

	before(async () => {
		await ledger.record(
			parsed([
				callDraft('c', { messages: [{ role: 'user', content: 'Where is the quay?' }] }),
				responseDraft('c', { completion: 'By the harbour.' }),
			]),
		);
		const module = await import('../../../src/host/language-model-tools.ts');
		toolNames = module.toolNames;
		module.registerLanguageModelTools({
			ledger: () => slow ?? Promise.resolve(ledger),
			showsContent: () => showsContent,
			log: { warn: (text: string) => logged.push(text) } as unknown as vscode.LogOutputChannel,
		});
	});
	after(async () => {
		await ledger.close();
		folder.clean();
	});
	beforeEach(() => {
		[showsContent, slow] = [true, null];
		logged.length = 0;
	});

	async function ask(name: string, input: unknown, token = new CancellationTokenSource().token): Promise<string> {
		const tool = lm.tools.get(name);
		assert.ok(tool);
		const { content } = await tool.invoke({ input }, token);
		return content.map(({ value }) => value).join('');
	}

	it('are those of the manifest, which says of them what the questions say', () => {
		const expected = Object.entries(toolNames).map(([key, name]) => {
			const question: Question = questions[key as keyof typeof questions];
			return {
				name,
				modelDescription: question.description,
				inputSchema: portableSchema(question.input, 'input'),
			};
		});
		assert.deepEqual(
			contributes.languageModelTools.map(({ name, modelDescription, inputSchema }) => ({
				name,
				modelDescription,
				inputSchema,
			})),
			expected,
		);
		assert.deepEqual([...lm.tools.keys()], Object.values(toolNames));
	});

	it('ask before text of prompts is handed out, and only then', () => {
		for (const [name, tool] of lm.tools) {
			const { confirmationMessages, invocationMessage } = tool.prepareInvocation({ input: { text: 'quay' } });
			assert.ok(invocationMessage !== '');
			assert.equal(confirmationMessages !== undefined, name === toolNames.searchPrompts, name);
			if (confirmationMessages) assert.match(confirmationMessages.message, /“quay”.*provider/);
		}
		const search = contributes.languageModelTools.find(({ name }) => name === toolNames.searchPrompts);
		assert.equal(search?.when, 'isWorkspaceTrusted');
	});

	it('find words in prompts, quoted, and hand out none where that is not wanted', async () => {
		assert.match(await ask(toolNames.searchPrompts, { text: 'quay' }), /\n│ Where is the ⟦quay⟧\?$/);
		showsContent = false;
		assert.match(await ask(toolNames.searchPrompts, { text: 'quay' }), /are not handed out/);
	});

	it('say what is wrong with a question, and log nothing of what was asked', async () => {
		await assert.rejects(ask(toolNames.searchPrompts, { text: 7 }), /text is required/);
		await assert.rejects(ask(toolNames.usageSummary, { range: 'my secret' }), /range must be today/);
		assert.match(await ask(toolNames.usageSummary, undefined), /No LLM calls were recorded for today/);
		assert.equal(logged.length, 2);
		assert.ok(!logged.join().includes('secret'));
	});

	it('end at once when the chat is stopped', async () => {
		slow = new Promise(() => undefined);
		const source = new CancellationTokenSource();
		const asked = ask(toolNames.usageSummary, {}, source.token);
		source.cancel();
		await assert.rejects(asked, { name: 'Canceled' });
		await assert.rejects(ask(toolNames.usageSummary, {}, source.token), { name: 'Canceled' });
		assert.deepEqual(logged, []);
	});
});
