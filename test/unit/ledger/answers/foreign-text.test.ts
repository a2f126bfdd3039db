import assert from 'node:assert/strict';
import fc from 'fast-check';
import { named, plainQuotation, quoted, withHitsMarked } from '../../../../src/ledger/answers/foreign-text.ts';

/** Ends of lines as anything that shows text may see them. */
const lineEnds = /[\n\r\v\f\u0085\u2028\u2029]/;
const unseen = /[\p{Cf}\p{Co}\p{Cs}]/u;

describe('foreign text on its way to a model', () => {
	it('never leaves its quotation, whatever it holds', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
				for (const line of quoted(text, 50).split(lineEnds)) assert.ok(line.startsWith('│ '));
			}),
		);
	});

	it('is one line, and never nothing, as a name', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
				const name = named(text);
				assert.ok(name.length > 0 && name.length < 300);
				assert.ok(!lineEnds.test(name) && !unseen.test(name));
			}),
		);
		assert.equal(named('\u202e\u200b\n'), 'unnamed');
	});

	it('loses what a person would not see: turned, hidden and private characters, halves of pairs', () => {
		const hidden = 'a\u202eb\u200bc\u{e0041}d\ufe0fe\ud800f\u0007g\ue000h\u{1d173}';
		assert.equal(plainQuotation(hidden, 100), 'abcdefgh');
		assert.equal(plainQuotation('tab\tand\r\nline\u2028end', 100), 'tab\tand\nline\nend');
		assert.equal(plainQuotation('Grüße, 世界, שלום 👍', 100), 'Grüße, 世界, שלום 👍');
	});

	it('is cut where it is long, and says so', () => {
		assert.equal(quoted('x'.repeat(30), 10), `│ ${'x'.repeat(10)}… (20 more characters)`);
	});

	it('has marks around its hits that it cannot set itself', () => {
		assert.equal(withHitsMarked('the ⟦blue⟧ door', [[4, 10]]), 'the ⟦[blue]⟧ door');
		assert.equal(
			withHitsMarked('abc', [
				[0, 2],
				[1, 3],
			]),
			'⟦ab⟧c',
		);
		assert.equal(withHitsMarked('abc', []), 'abc');
	});
});
