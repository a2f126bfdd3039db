import * as z from 'zod';
import { type MatchRule, matches, matchRuleSchema } from './match-rule.ts';

/** Rates as `parseRates` reads them, or several with the day or the hours from which each holds. */
const pricesSchema = z.union([z.string(), z.array(z.tuple([z.string(), z.string()])).min(1)]);

/** `[id, rates]` is recognised by its id alone, `[id, rates, rule]` by the rule. */
const modelSchema = z.union([
	z.tuple([z.string().min(1), pricesSchema]),
	z.tuple([z.string().min(1), pricesSchema, matchRuleSchema]),
]);

const providerSchema = z.object({
	id: z.string().min(1),
	/** Recognises the provider by a provider name other than its id. */
	match: matchRuleSchema.optional(),
	/** Recognises the provider by the name of a model of its making. */
	modelMatch: matchRuleSchema.optional(),
	/** Providers whose models and prices it offers too. */
	fallback: z.array(z.string()).optional(),
	/** The first that matches is the one. */
	models: z.array(modelSchema),
});

export const priceTableSchema = z.object({
	/** What the table was made from, with its version. */
	source: z.string().min(1),
	providers: z.array(providerSchema),
});
export type PriceTable = z.infer<typeof priceTableSchema>;
export type PriceProvider = PriceTable['providers'][number];
export type PriceModel = PriceProvider['models'][number];

/** @throws {z.ZodError} when the table does not have the form above. */
export function loadPriceTable(json: unknown): PriceTable {
	return priceTableSchema.parse(json);
}

/** The table's provider of that name, by its id or else by its rule. */
export function providerNamed(table: PriceTable, name: string): PriceProvider | undefined {
	return (
		table.providers.find(({ id }) => id === name) ??
		table.providers.find(({ match }) => match !== undefined && matches(match, name))
	);
}

/** The provider that makes the models of that name. */
export function makerOf(table: PriceTable, model: string): PriceProvider | undefined {
	return table.providers.find(({ modelMatch }) => modelMatch !== undefined && matches(modelMatch, model));
}

/** A provider's model of that name, or its fallbacks' when it has none itself. */
export function modelNamed(table: PriceTable, provider: PriceProvider, name: string): PriceModel | undefined {
	return modelAsWritten(table, provider, name) ?? modelAsWritten(table, provider, withDashedDate(name));
}

function modelAsWritten(table: PriceTable, provider: PriceProvider, name: string): PriceModel | undefined {
	const own = provider.models.find(([id, , rule]) => matchesModel(rule, name, id));
	if (own) return own;
	for (const id of provider.fallback ?? []) {
		const other = table.providers.find((candidate) => candidate.id === id);
		const found = other && modelAsWritten(table, other, name);
		if (found) return found;
	}
	return undefined;
}

function matchesModel(rule: MatchRule | undefined, name: string, id: string): boolean {
	return matches(rule ?? '=', name, id);
}

/** `gpt-4o-20241120` as `gpt-4o-2024-11-20`. What is not a day of the calendar stays. */
function withDashedDate(name: string): string {
	return name.replace(
		/(-)(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g,
		(all, dash: string, year: string, month: string, day: string) => {
			const iso = `${year}-${month}-${day}`;
			const time = Date.parse(`${iso}T00:00:00Z`);
			const isDay = !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso);
			return isDay ? `${dash}${iso}` : all;
		},
	);
}

/**
 * Which of a model's rates hold at a moment: the last whose day has come or whose hours of the day (UTC) it falls in.
 * `validFrom` is that day; `null` when the rates hold from the beginning, or for hours of the day.
 */
export function ratesAt(model: PriceModel, atMs: number): { rates: string; validFrom: string | null } {
	const [, prices] = model;
	if (typeof prices === 'string') return { rates: prices, validFrom: null };
	for (const [when, rates] of prices.toReversed()) {
		if (when === '') return { rates, validFrom: null };
		if (when.includes('/')) {
			if (isWithinHours(when, atMs)) return { rates, validFrom: null };
		} else if (atMs >= Date.parse(`${when}T00:00:00Z`)) {
			return { rates, validFrom: when };
		}
	}
	return { rates: prices[0]?.[1] ?? '', validFrom: null };
}

const DAY_MS = 86_400_000;

/** `00:30:00Z/16:30:00Z`: from and until, a time of day in UTC; it may run over midnight. */
function isWithinHours(hours: string, atMs: number): boolean {
	const [from = 0, until = 0] = hours.split('/').map((time) => Date.parse(`1970-01-01T${time}`));
	const now = atMs % DAY_MS;
	return until < from ? now >= from || now < until : now >= from && now < until;
}
