import assert from 'node:assert/strict';
import fc from 'fast-check';
import { visibleSpans } from '../../../../webview/detail/visible-text.ts';

const shown = (text: string) =>
	visibleSpans(text)
		.map((span) => (span.control === null ? span.text : `[${span.text}]`))
		.join('');

describe('making foreign text safe to look at', () => {
	it('leaves ordinary text as it is, whatever its script', () => {
		for (const text of ['plain\ttext\r\n', '日本語', 'עברית \u200fעם סימן', '👩‍👩‍👧', '<b>&amp;</b>'])
			assert.equal(shown(text), text);
	});

	it('names terminal controls', () => assert.equal(shown('\u001b[31mred\u0007'), '[ESC][31mred[\u2407]'));

	it('names marks that reorder what follows', () => {
		assert.equal(shown('if (admin\u202e⁦) {'), 'if (admin[RLO·LRI]) {');
	});

	it('names characters that can smuggle text out of sight', () => {
		assert.equal(shown('a\u{e0041}\u{e0042}b'), 'a[U+E0041·U+E0042]b');
		assert.equal(shown('a\u200b\u2060b\u2063\u{e0148}'), 'a[ZWSP·WJ]b[U+2063·U+E0148]');
	});

	it('tells of a long run by its number', () =>
		assert.equal(shown(`a${'\u0000'.repeat(1000)}b`), `a[${Array(12).fill('\u2400').join('·')} +988]b`));

	it('replaces lone surrogates', () => assert.equal(shown('a\ud800b\udc00'), 'a\ufffdb\ufffd'));

	it('never lets an active character through', () => {
		const active = fc.constantFrom('\u202e', '\u2066', '\u001b', '\u0000', '\ud800', 'a', 'é', '\n', '\u{e0020}');
		fc.assert(
			fc.property(fc.array(active, { maxLength: 80 }), (characters) => {
				for (const { text } of visibleSpans(characters.join(''))) {
					assert.ok(text.isWellFormed());
					assert.doesNotMatch(text, /(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u);
				}
			}),
		);
	});
});
