import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseMarkdown, type Token } from '../../../../webview/markdown/parser.ts';

function parse(source: string): Token[] {
	const tokens = parseMarkdown(source);
	assert.ok(tokens !== null);
	return tokens;
}

const flat = (tokens: readonly Token[]): Token[] => tokens.flatMap((token) => [token, ...(token.children ?? [])]);
const types = (source: string) => flat(parse(source)).map(({ type }) => type);
/** Everything of a text that would be shown. */
const shown = (source: string) =>
	flat(parse(source))
		.filter(({ type }) => type !== 'inline')
		.map((token) =>
			[token.content, token.type === 'fence' ? token.info : '', ...(token.attrs ?? []).map(([, value]) => value)].join(
				' ',
			),
		)
		.join('\n');
const plainText = (source: string) =>
	flat(parse(source))
		.filter(({ type }) => type === 'text' || type === 'softbreak')
		.map(({ type, content }) => (type === 'text' ? content : '\n'))
		.join('');

describe('reading Markdown', () => {
	it('knows headings, lists, tables, quotes, emphasis, code and links', () => {
		const source =
			'# H\n\n- a *b* **c** ~~d~~ `e`\n\n1. x\n\n> q\n\n| a |\n|---|\n| b |\n\n```ts\nlet a;\n```\n\n[l](https://a.example) <https://b.example>\n';
		const found = new Set(types(source));
		for (const type of [
			'heading_open',
			'bullet_list_open',
			'ordered_list_open',
			'blockquote_open',
			'table_open',
			'fence',
			'em_open',
			'strong_open',
			's_open',
			'code_inline',
			'link_open',
		])
			assert.ok(found.has(type), type);
	});

	it('leaves HTML, entities and definitions as they were written', () => {
		for (const source of [
			'<b onclick="x()">y</b>',
			'<!-- c -->',
			'&lt;i&gt; &#106;avascript',
			'[a]: https://b.example',
		])
			assert.equal(plainText(source), source);
	});

	it('makes links of http, https and mailto alone', () => {
		for (const address of [
			'javascript:alert(1)',
			'JaVaScRiPt:alert(1)',
			'java&#115;cript:alert(1)',
			'vbscript:x',
			'data:text/html,x',
			'file:///etc/passwd',
			'command:workbench.action.quit',
			'vscode://x/y',
			'//host/path',
			'relative/path.md',
			'https://user:secret@host/',
		]) {
			const source = `[a](${address}) ![b](${address})`;
			assert.equal(plainText(source), source);
		}
		for (const address of ['http://a.example/', 'https://a.example/x?y=1', 'mailto:a@b.example'])
			assert.ok(types(`[a](${address})`).includes('link_open'), address);
	});

	it('tells the host of a link in ASCII', () => {
		const link = flat(parse('[a](https://аpple.example/)')).find(({ type }) => type === 'link_open');
		assert.equal(link?.attrGet('href'), 'https://xn--pple-43d.example/');
	});

	it('keeps what is nested too deeply, as plain text', () => {
		for (const unit of ['> ', '- ', '1. ', '>', '> - ']) {
			const source = `${unit.repeat(1000)}end`;
			assert.ok(flat(parse(source)).some(({ type, content }) => type === 'plain' && content.endsWith('end')));
		}
		const stairs = Array.from({ length: 100 }, (_, depth) => `${'  '.repeat(depth)}- level${depth}`).join('\n');
		for (const depth of [0, 50, 99]) assert.ok(shown(stairs).includes(`level${depth}`));
	});

	it('takes a table that would grow without measure as plain text', () => {
		const wide = `${'|a'.repeat(100)}\n${'|-'.repeat(100)}\n${'|\n'.repeat(1500)}`;
		assert.deepEqual(types(wide), ['plain']);
		assert.deepEqual(types(`> ${wide.replaceAll('\n', '\n> ')}`).includes('td_open'), false);
	});

	it('shows a table as it was written where a row has more cells than the head', () => {
		const source = '|a|b|\n|-|-|\n|1|2|3|\n|4|5|';
		assert.deepEqual(types(source), ['plain']);
		assert.ok(shown(source).includes('3'));
		assert.ok(shown(`> ${source.replaceAll('\n', '\n> ')}`).includes('3'));
		for (const table of ['a|b\n-|-\n1|2|\n3\\|4|5||', '|a|b|\n|-|-|\n|1|2|\n```\nx|y|z\n```']) {
			assert.ok(types(table).includes('td_open'), table);
		}
	});

	it('loses no word, whatever stands around it', () => {
		const glue = fc.constantFrom(
			...[
				'\n',
				'\n\n',
				' ',
				'# ',
				'> ',
				'- ',
				'1. ',
				'*',
				'**',
				'`',
				'```\n',
				'~~',
				'[',
				'](',
				')',
				'![',
				'<',
				'>',
				'|',
			],
			...[
				'\n|-|-|\n',
				'    ',
				'\t',
				'---\n',
				'\\',
				'&amp;',
				'](https://a.example/',
				' "',
				': ',
				'<b>',
				'\r\n',
				'===\n',
			],
		);
		fc.assert(
			fc.property(fc.array(glue, { maxLength: 60 }), (pieces) => {
				const words = pieces.map((_, index) => `w${index}x`);
				const source = pieces.map((piece, index) => piece + words[index]).join('');
				const text = shown(source);
				for (const word of words) assert.ok(text.includes(word), `${word} of ${JSON.stringify(source)}`);
			}),
			{ numRuns: 5000 },
		);
	});

	it('takes any text, lone surrogates and controls included', () => {
		fc.assert(
			fc.property(
				fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
				(source) => {
					parseMarkdown(source);
				},
			),
		);
		assert.equal(plainText('a\u0000b\ud800'), 'a\u0000b\ufffd');
	});

	it('gives up on a text that is more marks than words', () => {
		assert.equal(parseMarkdown('*_'.repeat(8000)), null);
	});
});
