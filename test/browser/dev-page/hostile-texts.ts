/** Prompts and completions that try to be more than text. Each must show as what it is and do nothing. */
export function hostileTexts(): string[] {
	return [...markup, ...links, ...controls, ...structures()];
}

const markup = [
	'<script>window.hacked = 1</script>',
	'<img src=x onerror="window.hacked = 1">',
	'<svg onload="window.hacked = 1"><circle r="9"/></svg>',
	'<svg><script>window.hacked = 1</script></svg>',
	'<iframe srcdoc="<script>parent.hacked = 1</script>"></iframe>',
	'<object data="data:text/html,<script>parent.hacked = 1</script>"></object>',
	'<style>* { display: none !important }</style>',
	'<link rel="stylesheet" href="http://panel.test/evil.css">',
	'<base href="http://panel.test/evil/">',
	'<form action="http://panel.test/evil"><button>Send</button></form>',
	'<body onload="window.hacked = 1">',
	'<details open ontoggle="window.hacked = 1"><summary>x</summary></details>',
	'<video><source onerror="window.hacked = 1"></video>',
	'<input autofocus onfocus="window.hacked = 1">',
	'<vscode-button onclick="window.hacked = 1">Press</vscode-button>',
	'<template><script>window.hacked = 1</script></template>',
	'<math><mtext><style><img src onerror="window.hacked = 1"></style></mtext></math>',
	'</div></section></main><h1>Outside</h1>',
	'<!-- --><script>window.hacked = 1</script>',
	'<![CDATA[<script>window.hacked = 1</script>]]>',
	'&lt;script&gt;window.hacked = 1&lt;/script&gt;',
	// biome-ignore lint/suspicious/noTemplateCurlyInString: a template language that someone else may run.
	'{{constructor.constructor("window.hacked = 1")()}} ${window.hacked = 1}',
];

const links = [
	'[click](javascript:window.hacked=1)',
	'![pixel](http://panel.test/pixel.png)',
	'<a href="javascript:window.hacked=1">here</a>',
	'[run](command:workbench.action.terminal.new)',
	'[open](vscode://file/etc/passwd)',
	'data:text/html;base64,PHNjcmlwdD5wYXJlbnQuaGFja2VkPTE8L3NjcmlwdD4=',
];

const controls = [
	'\u001b[2J\u001b[31mred\u001b[0m\u001b]8;;http://panel.test/\u0007link\u001b]8;;\u0007',
	'if (isAdmin\u202e \u2066// only for admins\u2069 \u2066) {',
	'\u202dabc\u202c\u2067def\u2069',
	'null\u0000byte and bell\u0007',
	'tags \u{e0049}\u{e0067}\u{e006e}\u{e006f}\u{e0072}\u{e0065}',
	'zero\u200bwidth\u200cjoiner\u200d and \ufeff mark',
	'lone \ud800 high and \udc00 low surrogates',
	'H\u0335\u0321\u033e'.repeat(60),
	'עברית עם English באמצע ו-123',
	'line\u2028separator\u2029paragraph',
];

/** Texts that are hard by their shape. */
function structures(): string[] {
	return [
		`${'`'.repeat(5000)}\ncode`,
		'```\n'.repeat(500),
		'```js\nwindow.hacked = 1\n```',
		'~~~html\n<script>window.hacked = 1</script>\n~~~',
		`${'['.repeat(2000)}${']'.repeat(2000)}`,
		`${'> '.repeat(1000)}deep quote`,
		'|'.repeat(5000),
		'x'.repeat(100_000),
		`${'\n'.repeat(5000)}end`,
		'*_'.repeat(5000),
	];
}
