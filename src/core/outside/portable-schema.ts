import * as z from 'zod';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * The JSON Schema of a zod schema in the words that tools for models understand everywhere: one `type` at a place, no
 * bound that only JavaScript has, and no schema without a word in it.
 *
 * @param io what goes in, where what has a default may be left out; or what comes out
 */
export function portableSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
	const { $schema: _, ...json } = z.toJSONSchema(schema, { io }) as Record<string, Json>;
	return portable(json) as Record<string, unknown>;
}

function portable(json: Json): Json {
	if (Array.isArray(json)) return json.map(portable);
	if (typeof json !== 'object' || json === null) return json;
	const { type, ...others } = json;
	const kept = Object.entries(others).filter(([key, value]) => !isNoise(key, value));
	const plain = Object.fromEntries(
		kept.map(([key, value]) => [key, key === 'additionalProperties' && isAnything(value) ? true : portable(value)]),
	);
	if (!Array.isArray(type)) return type === undefined ? plain : { type, ...plain };
	// What was said of the one type that has no more to say stays beside the branches.
	const { description, title, default: fallback, ...said } = plain;
	const beside = Object.fromEntries(
		Object.entries({ description, title, default: fallback }).filter(([, value]) => value !== undefined),
	) as { [key: string]: Json };
	return { anyOf: type.map((each) => (each === 'null' ? { type: each } : { type: each, ...said })), ...beside };
}

function isNoise(key: string, value: Json | undefined): boolean {
	if (key === 'maximum') return value === Number.MAX_SAFE_INTEGER;
	if (key === 'minimum') return value === Number.MIN_SAFE_INTEGER;
	// Keys of JSON are strings, whatever is said.
	return key === 'propertyNames';
}

function isAnything(value: Json | undefined): boolean {
	return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
