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
const texts = {
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

export type StringKey = keyof typeof texts;
type PluralKey = StringKey extends infer Key ? (Key extends `${infer Base}.other` ? Base : never) : never;

const plurals = new Intl.PluralRules('en');

/** The text of a key with its placeholders filled. */
export function text(key: StringKey, values: Record<string, string | number> = {}): string {
	return texts[key].replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
}

/** As `text`, in the form that the language uses for `count`; `shown` is the count as it is written. */
export function plural(key: PluralKey, count: number, shown: string = String(count)): string {
	const exact = `${key}.${plurals.select(count)}`;
	const form = (exact in texts ? exact : `${key}.other`) as StringKey;
	return text(form, { count: shown });
}
