import assert from 'node:assert/strict';
import * as z from 'zod';
import { portableSchema } from '../../../../src/core/outside/portable-schema.ts';

describe('a schema for tools', () => {
	it('has one type at each place, and says what it said of it beside the branches', () => {
		const schema = z.object({ text: z.string().min(1).nullable().describe('What came back.') });
		assert.deepEqual(portableSchema(schema, 'input').properties, {
			text: { anyOf: [{ type: 'string', minLength: 1 }, { type: 'null' }], description: 'What came back.' },
		});
	});

	it('has no bounds that only JavaScript has, and no schema without a word in it', () => {
		const schema = z.object({ count: z.int(), share: z.int().max(7), any: z.record(z.string(), z.unknown()) });
		assert.deepEqual(portableSchema(schema, 'input').properties, {
			count: { type: 'integer' },
			share: { type: 'integer', maximum: 7 },
			any: { type: 'object', additionalProperties: true },
		});
	});

	it('tells what may be left out going in, and what comes out', () => {
		const schema = z.object({ cost: z.number().nullable().default(null) });
		assert.equal(portableSchema(schema, 'input').required, undefined);
		assert.deepEqual(portableSchema(schema, 'output').required, ['cost']);
	});
});
