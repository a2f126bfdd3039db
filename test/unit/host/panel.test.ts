import assert from 'node:assert/strict';
import { mock } from 'node:test';
import * as fc from 'fast-check';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import './vscode/register.ts';
import type * as vscode from 'vscode';
import type * as panelModule from '../../../src/host/panel.ts';
import { LedgerError } from '../../../src/ledger/ledger.ts';
import type { RunLine, ToPanel } from '../../../src/protocol/messages.ts';
import { anyMessage } from '../protocol/any-message.ts';
import type { FakePanel, l10n as stubL10n, window as stubWindow } from './vscode/stub.ts';

/** Lets answers come in, and the time pass for which news are collected. */
async function soon(): Promise<void> {
	await new Promise(setImmediate);
	mock.timers.tick(100);
}

const state = { ledger: 'ready' };
const secret = 'words of the user';

describe('the panel, seen from the host', () => {
	let UsagePanel: typeof panelModule.UsagePanel;
	let window: typeof stubWindow;
	let l10n: typeof stubL10n;
	let usage: panelModule.UsagePanel;
	let warnings: string[];
	let ended: RunLine | null;
	let answer: (request: { kind: string }) => Promise<unknown>;

	before(async () => {
		({ UsagePanel } = await import('../../../src/host/panel.ts'));
		({ window, l10n } = (await import('vscode')) as unknown as { window: typeof stubWindow; l10n: typeof stubL10n });
	});

	beforeEach(() => {
		mock.timers.enable({ apis: ['setTimeout'] });
		window.panels.length = 0;
		warnings = [];
		ended = null;
		answer = async () => null;
		const write = (message: string) => warnings.push(message);
		usage = new UsagePanel({
			extensionUri: { path: '/extension' },
			requests: { answer: (request: { kind: string }) => answer(request) },
			state: () => state,
			sources: () => ({}),
			run: async () => ended,
			log: { warn: write, error: write },
		} as unknown as panelModule.PanelOptions);
	});

	afterEach(() => mock.timers.reset());

	/** Opens the panel; its page is up and listens. */
	function open(): FakePanel {
		usage.show();
		const panel = window.panels.at(-1);
		assert.ok(panel !== undefined);
		panel.says({ type: 'ready' });
		return panel;
	}

	/** What was posted since the last time, as kinds of notices. */
	function notices(panel: FakePanel): string[] {
		const messages = panel.posted.splice(0) as ToPanel[];
		return messages.flatMap((message) => (message.type === 'notice' ? message.notice.kind : []));
	}

	it('tells a page that has just come up how things stand, at once', () => {
		usage.changed(7);
		const panel = open();
		const sent = panel.posted as ToPanel[];
		assert.ok(sent.some((message) => message.type === 'notice' && message.notice.kind === 'state'));
		assert.ok(
			sent.some(
				(message) => message.type === 'notice' && message.notice.kind === 'changed' && message.notice.revision === 7,
			),
		);
	});

	it('makes one notice of news that come together', async () => {
		const panel = open();
		notices(panel);
		for (let revision = 1; revision <= 50; revision++) usage.changed(revision);
		await soon();
		assert.deepEqual(panel.posted, [{ type: 'notice', notice: { kind: 'changed', revision: 50 } }]);
	});

	it('sends nothing while it is hidden', async () => {
		const panel = open();
		notices(panel);
		panel.setVisible(false);
		usage.changed(1);
		usage.stateChanged();
		await soon();
		assert.deepEqual(panel.posted, []);
	});

	it('sends nothing that was on its way when it was hidden', async () => {
		const panel = open();
		notices(panel);
		usage.changed(1);
		panel.setVisible(false);
		await soon();
		assert.deepEqual(panel.posted, []);
	});

	it('tells everything when it is shown again, whichever of page and window comes first', () => {
		const panel = open();
		panel.setVisible(false);
		usage.changed(9);
		notices(panel);
		panel.visible = true;
		panel.says({ type: 'ready' });
		const pageFirst = notices(panel);
		assert.ok(pageFirst.includes('state') && pageFirst.includes('changed'));
		panel.setVisible(false);
		panel.says({ type: 'ready' });
		assert.deepEqual(notices(panel), []);
		panel.setVisible(true);
		const windowFirst = notices(panel);
		assert.ok(windowFirst.includes('state') && windowFirst.includes('changed'));
	});

	it('posts nothing to a page that has not said that it listens', async () => {
		usage.show();
		usage.changed(1);
		await soon();
		assert.deepEqual(window.panels.at(-1)?.posted, []);
	});

	it('answers a request under its id', async () => {
		answer = async ({ kind }) => ({ answered: kind });
		const panel = open();
		notices(panel);
		panel.says({ type: 'request', id: 5, request: { kind: 'overview' } });
		await soon();
		assert.deepEqual(panel.posted, [{ type: 'reply', id: 5, ok: true, value: { answered: 'overview' } }]);
	});

	it('answers a request that fails with its reason and what to do', async () => {
		answer = () => Promise.reject(new LedgerError('diskFull', 'The disk is full. Free some space.'));
		const panel = open();
		notices(panel);
		panel.says({ type: 'request', id: 6, request: { kind: 'overview' } });
		await soon();
		const error = { reason: 'diskFull', message: 'The disk is full. Free some space.' };
		assert.deepEqual(panel.posted, [{ type: 'reply', id: 6, ok: false, error }]);
	});

	it('refuses what is no request, and logs the place but not the value', async () => {
		const panel = open();
		notices(panel);
		panel.says({ type: 'request', id: 7, request: { kind: 'callDetail', callId: [secret] } });
		panel.says({ type: 'request', id: 8, request: { kind: 'eraseDisk', path: secret } });
		panel.says(secret);
		panel.says(null);
		await soon();
		const replies = panel.posted as ToPanel[];
		assert.deepEqual(
			replies.map((reply) => reply.type === 'reply' && !reply.ok && [reply.id, reply.error.reason]),
			[
				[7, 'badInput'],
				[8, 'badInput'],
			],
		);
		assert.equal(warnings.length, 4);
		assert.equal(warnings.join('\n').includes(secret), false);
	});

	it('tells which part of it someone asked for, once, and that its search is wanted', async () => {
		usage.show('prompts', 'search');
		const panel = window.panels.at(-1);
		assert.ok(panel !== undefined);
		panel.says({ type: 'ready' });
		const pages = () =>
			(panel.posted.splice(0) as ToPanel[]).flatMap((message) =>
				message.type === 'notice' && message.notice.kind === 'page' ? [message.notice] : [],
			);
		assert.deepEqual(pages(), [{ kind: 'page', page: 'prompts', focus: 'search' }]);
		panel.says({ type: 'ready' });
		assert.deepEqual(pages(), []);
		usage.show('sources');
		await soon();
		assert.deepEqual(pages(), [{ kind: 'page', page: 'sources' }]);
	});

	it('seed 002 §2.1: shows the summary of a run that ended if it is in sight, and says when it is not', () => {
		const run = { runId: 'r' } as RunLine;
		assert.equal(usage.runEnded(run), false);
		const panel = open();
		notices(panel);
		assert.equal(usage.runEnded(run), true);
		assert.deepEqual(panel.posted, [{ type: 'notice', notice: { kind: 'runEnded', run } }]);
		panel.setVisible(false);
		assert.equal(usage.runEnded(run), false);
		assert.equal(panel.posted.length, 1);
	});

	it('seed 002 §2.1: tells a page that comes up of the run that ended last, as it now stands', async () => {
		assert.equal(usage.runEnded({ runId: 'r', pending: 1 } as RunLine), false);
		ended = { runId: 'r', pending: 0 } as RunLine;
		const told = (panel: FakePanel) =>
			(panel.posted.splice(0) as ToPanel[]).flatMap((message) =>
				message.type === 'notice' && message.notice.kind === 'runEnded' ? [message.notice] : [],
			);
		const panel = open();
		await soon();
		assert.deepEqual(told(panel), [{ kind: 'runEnded', run: ended, again: true }]);
		ended = null;
		panel.says({ type: 'ready' });
		await soon();
		assert.deepEqual(told(panel), [], 'a run that was erased is told of no more');
	});

	it('answers whatever it is sent, and throws for none of it', async () => {
		let asked = 0;
		answer = async () => asked++;
		const panel = open();
		notices(panel);
		const messages = fc.sample(anyMessage, { numRuns: 500, seed: 4 });
		for (const message of messages) assert.doesNotThrow(() => panel.says(message));
		await soon();
		const replies = panel.posted.filter((message) => (message as ToPanel).type === 'reply').length;
		const withId = messages.filter((message) => Number.isSafeInteger((message as { id?: unknown } | null)?.id));
		assert.equal(replies, withId.length);
		assert.ok(asked < withId.length / 2, 'most of them are refused');
		assert.equal(({} as Record<string, unknown>).polluted, undefined);
	});

	it('is one a window: shown again it comes to the front, and a second one that was kept is closed', async () => {
		const panel = open();
		usage.show();
		assert.equal(window.panels.length, 1);
		assert.equal(panel.revealed, 1);
		const kept = window.createWebviewPanel();
		await usage.deserializeWebviewPanel(kept as unknown as vscode.WebviewPanel);
		assert.equal(kept.disposed, true);
		assert.equal(panel.disposed, false);
	});

	it('opens anew after it was closed', () => {
		open().dispose();
		usage.show();
		assert.equal(window.panels.length, 2);
	});

	it('lets its page load and run nothing but its own files', () => {
		const { html, options } = open().webview;
		const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? '';
		assert.match(policy, /^default-src 'none'; script-src 'nonce-[\w+/=]{20,}'/);
		assert.equal(/unsafe|\*/.test(policy.replace(/style-src[^;]*/, '')), false);
		const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
		assert.deepEqual(html.match(/<script[^>]*>/g), [
			`<script nonce="${nonce}" src="https://webview.test/extension/dist/webview/panel.js">`,
		]);
		assert.deepEqual(options, {
			enableScripts: true,
			enableForms: false,
			localResourceRoots: [{ path: '/extension/dist/webview' }],
		});
	});

	it('hands its page the translations of VS Code, as text that is no markup', () => {
		assert.equal(open().webview.html.includes('callmeter-language'), false);
		l10n.bundle = { 'Show log': '</head><script>"&' };
		try {
			window.panels.at(-1)?.dispose();
			const { html } = open().webview;
			const tag = /<meta name="callmeter-language" content="([^"]*)">/.exec(html)?.[1] ?? '';
			assert.equal(/[<>]/.test(tag), false);
			const json = tag
				.replaceAll('&lt;', '<')
				.replaceAll('&gt;', '>')
				.replaceAll('&quot;', '"')
				.replaceAll('&amp;', '&');
			assert.deepEqual(JSON.parse(json), { language: 'en', texts: l10n.bundle });
		} finally {
			l10n.bundle = undefined;
		}
	});

	it('takes a fresh nonce for each page', () => {
		const nonce = () => /'nonce-([^']+)'/.exec(window.panels.at(-1)?.webview.html ?? '')?.[1];
		open().dispose();
		const first = nonce();
		open();
		assert.notEqual(nonce(), first);
	});
});
