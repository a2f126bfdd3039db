const formats = new Map<string, Intl.NumberFormat>();

/** A number format, made once: making one costs a hundred times more than using it. An unknown locale reads as English. */
export function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
	const key = `${locale} ${JSON.stringify(options)}`;
	let format = formats.get(key);
	if (!format) {
		format = new Intl.NumberFormat(isLocale(locale) ? locale : 'en', options);
		formats.set(key, format);
	}
	return format;
}

function isLocale(locale: string): boolean {
	try {
		return Intl.NumberFormat.supportedLocalesOf(locale).length > 0;
	} catch {
		return false;
	}
}
