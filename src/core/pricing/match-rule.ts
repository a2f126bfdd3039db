import * as z from 'zod';

/**
 * How a provider or model is recognised by its name. Text: `=name` equals, `^start`, `$end`, `*part`, `/regex`; a bare
 * `=` equals the id of the entry that the rule belongs to. A list: any of them. `{ and }`: all of them.
 */
export type MatchRule = string | MatchRule[] | { and: MatchRule[] };

export const matchRuleSchema: z.ZodType<MatchRule> = z.lazy(() =>
	z.union([z.string().regex(/^[=^$*/]/), z.array(matchRuleSchema), z.object({ and: z.array(matchRuleSchema) })]),
);

/** Whether the rule holds for `name`, which is in lower case and trimmed. */
export function matches(rule: MatchRule, name: string, id = ''): boolean {
	if (Array.isArray(rule)) return rule.some((inner) => matches(inner, name, id));
	if (typeof rule === 'object') return rule.and.every((inner) => matches(inner, name, id));
	const operand = rule.slice(1);
	switch (rule[0]) {
		case '=':
			return name === (operand === '' ? id : operand).toLowerCase();
		case '^':
			return name.startsWith(operand.toLowerCase());
		case '$':
			return name.endsWith(operand.toLowerCase());
		case '*':
			return name.includes(operand.toLowerCase());
		default:
			return new RegExp(operand).test(name);
	}
}
