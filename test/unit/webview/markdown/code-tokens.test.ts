import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CodeTokens } from '../../../../webview/markdown/code-tokens.ts';
import { languageOf } from '../../../../webview/markdown/languages.ts';

function tokensOf(language: string): CodeTokens {
	const found = languageOf(language);
	assert.ok(found !== null, language);
	return new CodeTokens(found);
}

const everyLanguage =
	'ts js json py sh ps1 html xml css scss less yaml toml ini sql go rust java kotlin scala csharp c cpp objc dart swift ruby lua diff dockerfile proto'.split(
		' ',
	);

describe('colouring code', () => {
	it('tells keywords, strings, numbers and comments apart', () => {
		assert.deepEqual(
			tokensOf('ts')
				.line('const a = "b" + 12; // c')
				.filter(({ style }) => style !== null),
			[
				{ text: 'const', style: 'keyword' },
				{ text: 'a', style: 'name' },
				{ text: '"b"', style: 'string' },
				{ text: '12', style: 'number' },
				{ text: '// c', style: 'comment' },
			],
		);
	});

	it('knows where it is from line to line', () => {
		const tokens = tokensOf('c');
		tokens.line('/* begins');
		assert.deepEqual(tokens.line('int x;'), [{ text: 'int x;', style: 'comment' }]);
		tokens.line('ends */');
		assert.deepEqual(tokens.line('int')[0], { text: 'int', style: 'name' });
	});

	it('reads SQL of any dialect', () => {
		const tokens = tokensOf('sql');
		const styled = (line: string) =>
			tokens
				.line(line)
				.filter(({ style }) => style !== null)
				.map(({ text, style }) => `${style} ${text}`);
		assert.deepEqual(styled("SELECT a, 'it''s', \"b\" FROM t -- why"), [
			'keyword SELECT',
			"string 'it''s'",
			'name "b"',
			'keyword FROM',
			'comment -- why',
		]);
		assert.deepEqual(styled('create table selected (id integer /* two'), [
			'keyword create',
			'keyword table',
			'name integer',
			'comment /* two',
		]);
		assert.deepEqual(styled("lines */ where x = 'open"), ['comment lines */', 'keyword where', "string 'open"]);
		assert.deepEqual(styled("still' limit 5"), ["string still'", 'keyword limit', 'number 5']);
	});

	it('finds the language of a fence by the word, its case aside, or by a file name', () => {
		for (const info of ['ts', 'TypeScript', 'ts title="a.ts"', '{.ts}', 'src/a.ts', 'ts:src/a.ts', 'ts {1,3}'])
			assert.equal(languageOf(info), languageOf('typescript'), info);
		for (const info of ['', '   ', 'klingon', '__proto__', 'constructor', '{{{'])
			assert.equal(languageOf(info), null, info);
	});

	it('keeps every character of a line, in every language', () => {
		const unit = fc.constantFrom(
			...['a', '1', ' ', '\t', '"', "'", '`', '\\', '/', '*', '<', '>', '{', '}', '$', '#', '@', '-', '+', '=', ':'],
			...[
				'😀',
				'\ud83d',
				'\udc00',
				'\u0000',
				'\u202e',
				'<!--',
				'<?',
				'if ',
				'<<E',
				'"""',
				'${',
				'%w(',
				'r#"',
				'=begin',
			],
		);
		for (const language of everyLanguage) {
			fc.assert(
				fc.property(fc.array(fc.array(unit, { maxLength: 20 }), { maxLength: 6 }), (lines) => {
					const tokens = tokensOf(language);
					for (const units of lines) {
						const line = units.join('');
						const parts = tokens.line(line);
						assert.equal(parts.map(({ text }) => text).join(''), line);
						if (line.isWellFormed()) for (const { text } of parts) assert.ok(text.isWellFormed());
					}
				}),
				{ numRuns: 150 },
			);
		}
	});

	it('leaves a line that no person wrote in the colour of plain text, and stays quick', () => {
		for (const language of everyLanguage) {
			const tokens = tokensOf(language);
			const line = 'const '.repeat(100_000);
			assert.deepEqual(tokens.line(line), [{ text: line, style: null }]);
		}
	});
});
