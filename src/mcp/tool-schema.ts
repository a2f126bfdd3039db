import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type * as z from 'zod';
import { describeIssues } from '../core/describe-issues.ts';
import { portableSchema } from '../core/outside/portable-schema.ts';

/**
 * A schema as the SDK takes it, which says what is wrong with a value in one bounded line: each problem with its path
 * and what to do, none with a part of the value.
 */
export function toolSchema<S extends z.ZodType>(schema: S): StandardSchemaWithJSON<z.input<S>, z.output<S>> {
	return {
		'~standard': {
			version: 1,
			vendor: 'zod',
			jsonSchema: { input: () => portableSchema(schema, 'input'), output: () => portableSchema(schema, 'output') },
			validate: (value: unknown) => {
				const checked = schema.safeParse(value);
				return checked.success ? { value: checked.data } : { issues: [{ message: describeIssues(checked.error) }] };
			},
		},
	};
}
