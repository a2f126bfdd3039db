import assert from 'node:assert/strict';
import { plural, text, useLanguage } from '../../../webview/strings.ts';

describe('texts of the panel', () => {
	afterEach(() => useLanguage(null));

	it('fill their placeholders', () => assert.equal(text('completion.status', { status: 429 }), 'HTTP 429'));

	it('do not take a value for a placeholder', () => {
		assert.equal(text('role.toolNamed', { name: '{name} $& {count}' }), 'Result of {name} $& {count}');
	});

	it('agree with their number', () => {
		assert.equal(plural('sources.days', 1), '1 day');
		assert.equal(plural('sources.days', 3), '3 days');
		assert.equal(plural('sources.days', 100_000, '100,000'), '100,000 days');
	});

	it('are those of the language of VS Code, and English where it has none', () => {
		useLanguage({ language: 'de', texts: { 'Open settings': 'Einstellungen öffnen', Retry: 'x' } });
		assert.equal(text('settings'), 'Einstellungen öffnen');
		assert.equal(text('showLog'), 'Show log');
		useLanguage({ language: 'de', texts: JSON.parse('{"__proto__": {"Show log": "x"}}') });
		assert.equal(text('showLog'), 'Show log');
	});

	it('agree with their number as the language has it', () => {
		const texts = { '{count} day': '{count} rok', '{count} days': '{count} roku', '{count} days/few': '{count} lata' };
		useLanguage({ language: 'pl', texts: { ...texts, '{count} days/many': '{count} lat' } });
		assert.deepEqual(
			[1, 3, 5, 22].map((count) => plural('sources.days', count)),
			['1 rok', '3 lata', '5 lat', '22 lata'],
		);
		useLanguage({ language: 'ja', texts: { '{count} days': '{count} 日' } });
		assert.equal(plural('sources.days', 1), '1 日');
		assert.equal(plural('sources.skipped', 1), '1 record left out', 'English where there is no translation');
	});
});
