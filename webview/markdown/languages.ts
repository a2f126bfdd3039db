import { c, cpp, csharp, dart, java, kotlin, objectiveC, scala } from '@codemirror/legacy-modes/mode/clike';
import { css, less, sCSS } from '@codemirror/legacy-modes/mode/css';
import { diff } from '@codemirror/legacy-modes/mode/diff';
import { dockerFile } from '@codemirror/legacy-modes/mode/dockerfile';
import { go } from '@codemirror/legacy-modes/mode/go';
import { javascript, json, typescript } from '@codemirror/legacy-modes/mode/javascript';
import { lua } from '@codemirror/legacy-modes/mode/lua';
import { powerShell } from '@codemirror/legacy-modes/mode/powershell';
import { properties } from '@codemirror/legacy-modes/mode/properties';
import { protobuf } from '@codemirror/legacy-modes/mode/protobuf';
import { python } from '@codemirror/legacy-modes/mode/python';
import { ruby } from '@codemirror/legacy-modes/mode/ruby';
import { rust } from '@codemirror/legacy-modes/mode/rust';
import { shell } from '@codemirror/legacy-modes/mode/shell';
import { swift } from '@codemirror/legacy-modes/mode/swift';
import { toml } from '@codemirror/legacy-modes/mode/toml';
import { html, xml } from '@codemirror/legacy-modes/mode/xml';
import { yaml } from '@codemirror/legacy-modes/mode/yaml';
import type { StreamParser } from '@codemirror/streamparser';
import { sql } from './sql.ts';

export type Language = StreamParser<unknown>;

/** The words that people and models write after a fence. */
const names: [Language, string][] = [
	[typescript, 'ts typescript mts cts tsx'],
	[javascript, 'js javascript mjs cjs jsx node jsonc json5'],
	[json, 'json jsonl ndjson geojson'],
	[python, 'py python python3 py3 pyi'],
	[shell, 'sh bash shell zsh fish ksh console shell-session terminal'],
	[powerShell, 'ps1 powershell pwsh'],
	[html, 'html htm xhtml vue svelte astro'],
	[xml, 'xml svg xsd plist rss'],
	[css, 'css'],
	[sCSS, 'scss sass'],
	[less, 'less'],
	[yaml, 'yaml yml'],
	[toml, 'toml'],
	[properties, 'ini properties env dotenv conf cfg'],
	[sql, 'sql mysql postgres postgresql sqlite plsql tsql'],
	[go, 'go golang'],
	[rust, 'rust rs'],
	[java, 'java'],
	[kotlin, 'kotlin kt kts'],
	[scala, 'scala sc'],
	[csharp, 'csharp cs c#'],
	[c, 'c h'],
	[cpp, 'cpp c++ cc cxx hpp hh arduino ino'],
	[objectiveC, 'objc objective-c objectivec m mm'],
	[dart, 'dart'],
	[swift, 'swift'],
	[ruby, 'ruby rb'],
	[lua, 'lua'],
	[diff, 'diff patch udiff'],
	[dockerFile, 'dockerfile docker containerfile'],
	[protobuf, 'proto protobuf'],
];

const byName = new Map(names.flatMap(([language, words]) => words.split(' ').map((word) => [word, language] as const)));

/** The language that a fence's info string names: `ts`, `ts title="a.ts"`, `{.python}`, `src/a.py`; `null`: none known. */
export function languageOf(info: string): Language | null {
	const word = /[^\s{.,:;][^\s{},:;]*/.exec(info.slice(0, 200))?.[0]?.toLowerCase();
	if (word === undefined) return null;
	return byName.get(word) ?? byName.get(word.split('.').at(-1) ?? '') ?? null;
}
