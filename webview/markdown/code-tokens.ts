import { StringStream } from '@codemirror/streamparser';
import type { Language } from './languages.ts';

const styles = ['keyword', 'string', 'number', 'atom', 'comment', 'name', 'tag', 'inserted', 'deleted'] as const;
export type CodeStyle = (typeof styles)[number];

export interface CodeToken {
	text: string;
	/** `null`: the colour of plain text. */
	style: CodeStyle | null;
}

/** A line longer than this is no code that a person wrote; it keeps the colour of plain text. */
const maxLine = 1_000;
/** How often a tokenizer may give nothing before it is taken on by a character. */
const maxIdle = 10;
const tabSize = 4;

/**
 * Tells keywords, strings and comments of code apart, line by line. It remembers where it is in the language from line to
 * line, so that the work can be put down after any of them. The texts of a line's tokens are that line, character by
 * character.
 */
export class CodeTokens {
	readonly #language: Language;
	#state: unknown;
	#broken = false;

	constructor(language: Language) {
		this.#language = language;
		this.#state = language.startState?.(tabSize) ?? {};
	}

	/** @param text without its line break */
	line(text: string): CodeToken[] {
		if (this.#broken || text.length > maxLine) return plain(text);
		try {
			if (text === '') {
				this.#language.blankLine?.(this.#state, tabSize);
				return [];
			}
			return this.#tokens(text);
		} catch {
			// A tokenizer that failed once knows no more where it is.
			this.#broken = true;
			return plain(text);
		}
	}

	#tokens(text: string): CodeToken[] {
		const tokens: CodeToken[] = [];
		const stream = new StringStream(text, tabSize, tabSize);
		let idle = 0;
		while (!stream.eol()) {
			const style = styleOf(this.#language.token(stream, this.#state));
			if (stream.pos <= stream.start) {
				if (++idle < maxIdle) continue;
				stream.pos = stream.start + 1;
			}
			idle = 0;
			// Tokenizers count code units; half a character can't be shown.
			if (isLow(text.charCodeAt(stream.pos)) && isHigh(text.charCodeAt(stream.pos - 1))) stream.pos++;
			const last = tokens.at(-1);
			const part = text.slice(stream.start, stream.pos);
			if (last !== undefined && last.style === style) last.text += part;
			else tokens.push({ text: part, style });
			stream.start = stream.pos;
		}
		return tokens;
	}
}

function plain(text: string): CodeToken[] {
	return [{ text, style: null }];
}

/** Style names of the tokenizers: tags of CodeMirror 6 with modifiers, or the names that CodeMirror 5 had. */
const styleByTag: Record<string, CodeStyle> = {
	keyword: 'keyword',
	controlKeyword: 'keyword',
	definitionKeyword: 'keyword',
	moduleKeyword: 'keyword',
	modifier: 'keyword',
	self: 'keyword',
	string: 'string',
	character: 'string',
	attributeValue: 'string',
	regexp: 'string',
	url: 'string',
	link: 'string',
	number: 'number',
	integer: 'number',
	float: 'number',
	unit: 'number',
	atom: 'atom',
	bool: 'atom',
	null: 'atom',
	color: 'atom',
	comment: 'comment',
	lineComment: 'comment',
	blockComment: 'comment',
	quote: 'comment',
	typeName: 'name',
	className: 'name',
	propertyName: 'name',
	attributeName: 'name',
	labelName: 'name',
	macroName: 'name',
	def: 'name',
	name: 'name',
	type: 'name',
	builtin: 'name',
	property: 'name',
	attribute: 'name',
	qualifier: 'name',
	tag: 'tag',
	header: 'tag',
	namespace: 'name',
	tagName: 'tag',
	angleBracket: 'tag',
	meta: 'tag',
	heading: 'tag',
	inserted: 'inserted',
	deleted: 'deleted',
};

/** Some tokenizers give `undefined` for no style, whatever their types say. */
function styleOf(tags: string | null | undefined): CodeStyle | null {
	if (tags === null || tags === undefined) return null;
	for (const tag of tags.split(' ')) {
		const [base = '', modifier] = tag.split('.');
		if (base === 'variableName' && modifier === 'definition') return 'name';
		if (Object.hasOwn(styleByTag, base)) return styleByTag[base] ?? null;
	}
	return null;
}

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;
