import { simpleMode } from '@codemirror/legacy-modes/mode/simple-mode';
import type { StreamParser } from '@codemirror/streamparser';

const keywords =
	'add all alter and any as asc begin between by cascade case check column commit constraint create cross database default delete desc distinct drop else end except exists explain false fetch for foreign from full function grant group having if ilike in index inner insert intersect into is join key left like limit natural not null offset on or order outer over partition pragma primary procedure recursive references replace returning returns revoke right rollback row rows select set table temporary then to transaction trigger true truncate union unique update using vacuum values view virtual when where window with without';
const types =
	'bigint binary blob boolean bool bytea char character date datetime decimal double float int integer interval json jsonb money numeric precision real serial smallint text time timestamp timestamptz tinyint uuid varbinary varchar varying xml';

const words = (list: string) => new RegExp(`(?:${list.replaceAll(' ', '|')})\\b`, 'i');

/** SQL of any dialect. The parser that comes with the others carries the words of twelve, and weighs as much as four. */
export const sql: StreamParser<unknown> = simpleMode({
	start: [
		{ regex: /--.*/, token: 'comment' },
		{ regex: /\/\*/, token: 'comment', next: 'comment' },
		{ regex: /'/, token: 'string', next: 'string' },
		{ regex: /"[^"]*"?|`[^`]*`?/, token: 'name' },
		{ regex: words(keywords), token: 'keyword' },
		{ regex: words(types), token: 'type' },
		{ regex: /\d[\w.]*/, token: 'number' },
		{ regex: /[A-Za-z_][\w$]*/ },
	],
	comment: [
		{ regex: /.*?\*\//, token: 'comment', next: 'start' },
		{ regex: /.+/, token: 'comment' },
	],
	string: [
		{ regex: /(?:[^']|'')*'(?!')/, token: 'string', next: 'start' },
		{ regex: /.+/, token: 'string' },
	],
});
