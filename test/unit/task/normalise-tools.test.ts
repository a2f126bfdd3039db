import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { normaliseTools } from '../../../src/task/normalise-tools.ts';

describe('normaliseTools', () => {
	it("reads OpenAI's, Anthropic's and our own definitions", () => {
		const schema = { type: 'object', properties: {} };
		assert.deepEqual(
			normaliseTools([
				{ type: 'function', function: { name: 'a', description: 'A', parameters: schema, strict: true } },
				{ name: 'b', description: 'B', input_schema: schema },
				{ name: 'c', parameters: schema },
				{ description: 'nameless' },
				null,
			]),
			[
				{ name: 'a', description: 'A', parameters: schema },
				{ name: 'b', description: 'B', parameters: schema },
				{ name: 'c', parameters: schema },
			],
		);
		assert.deepEqual(normaliseTools(undefined), []);
	});
});
