import assert from 'node:assert/strict';
import { safeLink } from '../../../../webview/markdown/safe-link.ts';

describe('links that may be followed', () => {
	it('are http, https and mailto, written so that they can be read', () => {
		assert.equal(safeLink('HTTPS://Example.com/ü'), 'https://example.com/%C3%BC');
		assert.equal(safeLink('mailto:a@b.example'), 'mailto:a@b.example');
		assert.equal(safeLink('http://ex\u00e4mple.com'), 'http://xn--exmple-cua.com/');
	});

	it('are none that run, read files, or hide their host', () => {
		for (const address of [
			'javascript:alert(1)',
			' java\nscript:alert(1)',
			'\u0001javascript:alert(1)',
			'data:text/html,x',
			'vbscript:x',
			'file:///etc/passwd',
			'blob:https://a.example/1',
			'command:x',
			'vscode:x',
			'https://good.example@evil.example/',
			'//a.example',
			'a.md',
			'',
		])
			assert.equal(safeLink(address), null, address);
	});
});
