import { analyticsTexts } from './english/analytics.ts';
import { chartTexts } from './english/charts.ts';
import { detailTexts } from './english/detail.ts';
import { diagnosticsTexts } from './english/diagnostics.ts';
import { frameTexts } from './english/frame.ts';
import { listTexts } from './english/list.ts';
import { overviewTexts } from './english/overview.ts';
import { promptsTexts } from './english/prompts.ts';
import { sourcesTexts } from './english/sources.ts';

/** Every text that a person reads in the panel. Values are templates with `{name}` placeholders. */
export const englishTexts = {
	...frameTexts,
	...chartTexts,
	...overviewTexts,
	...promptsTexts,
	...listTexts,
	...detailTexts,
	...analyticsTexts,
	...diagnosticsTexts,
	...sourcesTexts,
};

export type StringKey = keyof typeof englishTexts;
type PluralKey = StringKey extends infer Key ? (Key extends `${infer Base}.other` ? Base : never) : never;

/** A language other than English, as VS Code hands it to extensions. */
export interface Language {
	/** BCP 47. */
	language: string;
	/**
	 * By the English text. A plural form that English does not have stands under the text of its `.other`, a slash, and the
	 * category of `Intl.PluralRules`: `{count} calls/few`.
	 */
	texts: Readonly<Record<string, string>>;
}

const englishPlurals = new Intl.PluralRules('en');
let translations: Language['texts'] = {};
let plurals = englishPlurals;

/** Sets the language, before anything is shown. Texts that it lacks stay English. `null`: English. */
export function useLanguage(language: Language | null): void {
	translations = language?.texts ?? {};
	plurals = language === null ? englishPlurals : new Intl.PluralRules(language.language);
}

/** The text of a key with its placeholders filled. */
export function text(key: StringKey, values: Record<string, string | number> = {}): string {
	const english = englishTexts[key];
	return fill(translated(english) ?? english, values);
}

/** As `text`, in the form that the language uses for `count`; `shown` is the count as it is written. */
export function plural(key: PluralKey, count: number, shown: string = String(count)): string {
	const other = englishTexts[`${key}.other` as StringKey];
	const category = plurals.select(count);
	const one = category === 'one' ? formOf(key, category) : null;
	const form = one === null ? (translated(`${other}/${category}`) ?? translated(other)) : translated(one);
	const english = formOf(key, englishPlurals.select(count)) ?? other;
	return fill(form ?? english, { count: shown });
}

/** English has `one` for most texts, and may have `zero`, `two` and the others for none. */
function formOf(key: PluralKey, category: Intl.LDMLPluralRule): string | null {
	const exact = `${key}.${category}`;
	return Object.hasOwn(englishTexts, exact) ? englishTexts[exact as StringKey] : null;
}

function translated(english: string): string | null {
	return Object.hasOwn(translations, english) ? (translations[english] ?? null) : null;
}

function fill(template: string, values: Record<string, string | number>): string {
	return template.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
}
