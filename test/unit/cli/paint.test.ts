import assert from 'node:assert/strict';
import { paint, showsColors } from '../../../src/cli/paint.ts';
import { printable, printableLines, toJson, withoutCommands } from '../../../src/cli/printable.ts';
import { wrap } from '../../../src/cli/wrap.ts';

describe('colours of the command line', () => {
	it('are for terminals, unless something says otherwise: the option first, then FORCE_COLOR, then NO_COLOR', () => {
		for (const [env, isTerminal, isSwitchedOff, shows] of [
			[{}, true, false, true],
			[{}, false, false, false],
			[{}, true, true, false],
			[{ NO_COLOR: '1' }, true, false, false],
			[{ NO_COLOR: '' }, true, false, true],
			[{ FORCE_COLOR: '1' }, false, false, true],
			[{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, false, true],
			[{ FORCE_COLOR: '0' }, true, false, false],
			[{ FORCE_COLOR: '1' }, true, true, false],
			[{ TERM: 'dumb' }, true, false, false],
		] as const) {
			assert.equal(
				showsColors(env, isTerminal, isSwitchedOff),
				shows,
				JSON.stringify([env, isTerminal, isSwitchedOff]),
			);
		}
		assert.equal(paint({}, 'bad', 'text'), 'text');
		assert.equal(paint({ colors: true }, 'good', 'text'), '\u001b[32mtext\u001b[39m');
	});
});

describe('text from elsewhere', () => {
	const hostile = 'a\u001b[31mb\u001b]0;title\u0007c\u009b2Jd\r\ne\u202ef\u0000g\u2028h';

	it('reaches a terminal without what that would take for a command', () => {
		assert.equal(printable(hostile), 'abcd ef g h');
		assert.equal(printableLines('one\u001b[2J\ntwo'), 'one\ntwo');
		assert.equal(withoutCommands('a\u001b[2\n\tb\u009b\u202e\u007fc'), 'a[2\n\tbc');
	});

	it('stands in JSON as it is, in escapes', () => {
		const json = toJson({ hostile });
		assert.ok(
			Array.from(json, (sign) => sign.charCodeAt(0)).every(
				(code) => code === 9 || code === 10 || (code >= 32 && code < 127),
			),
		);
		assert.deepEqual(JSON.parse(json), { hostile });
	});
});

describe('wrapping', () => {
	it('breaks lines at spaces, and a word only where it is longer than a line', () => {
		assert.deepEqual(wrap([{ text: 'one two  three' }], 7), ['one two', 'three']);
		assert.deepEqual(wrap([{ text: 'ab abcdefghij' }], 4), ['ab', 'abcd', 'efgh', 'ij']);
		assert.deepEqual(wrap([{ text: 'wide 日本語' }], 5), ['wide', '日本', '語']);
		assert.deepEqual(wrap([{ text: 'one two' }], null), ['one two']);
		assert.deepEqual(wrap([{ text: '' }], 7), []);
	});

	it('counts no colours, and lets one begin within a word', () => {
		const bold = (text: string) => `<${text}>`;
		assert.deepEqual(wrap([{ text: 'a foo' }, { text: 'bar', paint: bold }, { text: 's b' }], 9), ['a foo<bar>s', 'b']);
	});
});
