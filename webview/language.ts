import { type Language, useLanguage } from './strings.ts';

/** Languages that are written from right to left. */
const rightToLeft = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** Takes the language that the host has put into the page, and marks the page as written in it. */
export function takeLanguage(document: Document): void {
	const language = readLanguage(document.querySelector<HTMLMetaElement>('meta[name="callmeter-language"]')?.content);
	useLanguage(language);
	const name = language?.language ?? 'en';
	document.documentElement.lang = name;
	document.documentElement.dir = rightToLeft.has(name.split('-')[0] ?? '') ? 'rtl' : 'ltr';
}

/** What the host wrote. Without it, and when it is damaged, the panel is in English. */
function readLanguage(json: string | undefined): Language | null {
	if (json === undefined) return null;
	try {
		const { language, texts }: Language = JSON.parse(json);
		return { language: Intl.getCanonicalLocales(language)[0] ?? 'en', texts };
	} catch {
		return null;
	}
}
