import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type * as z from 'zod';
import { describeIssues } from '../core/describe-issues.ts';

/**
 * A schema as the SDK takes it, which says what is wrong with an input in one bounded line: each problem with its path
 * and what to do, none with a value of the input.
 */
export function checkedInput<S extends z.ZodType>(schema: S): StandardSchemaWithJSON<z.input<S>, z.output<S>> {
	const { jsonSchema } = schema['~standard'];
	return {
		'~standard': {
			version: 1,
			vendor: 'zod',
			jsonSchema,
			validate: (value: unknown) => {
				const checked = schema.safeParse(value);
				return checked.success ? { value: checked.data } : { issues: [{ message: describeIssues(checked.error) }] };
			},
		},
	};
}
