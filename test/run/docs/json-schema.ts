import * as z from 'zod';

/** What of JSON Schema 2020-12 our schemas become. */
export interface JsonSchema {
	type?: string | string[];
	enum?: unknown[];
	const?: unknown;
	anyOf?: JsonSchema[];
	items?: JsonSchema;
	prefixItems?: JsonSchema[];
	properties?: Record<string, JsonSchema>;
	required?: string[];
	additionalProperties?: boolean | JsonSchema;
	propertyNames?: JsonSchema;
	description?: string;
	default?: unknown;
	format?: string;
	minimum?: number;
	maximum?: number;
	minLength?: number;
	maxLength?: number;
	minItems?: number;
	maxItems?: number;
}

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
	return z.toJSONSchema(schema, { io, target: 'draft-2020-12' }) as JsonSchema;
}

/** A type in words for a table: `whole number`, `"a"` or `"b"`, `list of text`, … */
export function typeText(schema: JsonSchema): string {
	if (schema.const !== undefined) return code(schema.const);
	if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
	if (schema.anyOf !== undefined) {
		const texts = schema.anyOf.map(typeText);
		return [...new Set(texts.filter((text) => text !== 'null')), ...(texts.includes('null') ? ['`null`'] : [])].join(
			' or ',
		);
	}
	switch (schema.type) {
		case 'integer':
			return 'whole number';
		case 'string':
			return schema.format === 'date-time' ? 'ISO 8601 with a zone' : 'text';
		case 'boolean':
			return '`true`, `false`';
		case 'array':
			return `list of ${typeText(schema.items ?? {})}`;
		case 'object':
			return 'object';
		case undefined:
			return 'any JSON';
		default:
			if (typeof schema.type === 'string') return schema.type;
			return schema.type.map((type) => (type === 'null' ? '`null`' : typeText({ type }))).join(' or ');
	}
}

function code(value: unknown): string {
	return `\`${JSON.stringify(value)}\``;
}

/** A field of an object, nested ones with a dotted name: `usage.inputTokens`, `messages[].role`. */
export interface Field {
	name: string;
	schema: JsonSchema;
	required: boolean;
}

/** All fields of an object's schema, outer ones before theirs. */
export function fieldsOf(schema: JsonSchema, prefix = ''): Field[] {
	return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
		const name = `${prefix}${key}`;
		const field = { name, schema: inner, required: schema.required?.includes(key) ?? false };
		const object = [inner, ...(inner.anyOf ?? [])].find(({ properties }) => properties !== undefined);
		const [list] = [inner, ...(inner.anyOf ?? [])].flatMap(({ items }) => (items?.properties ? [items] : []));
		return [
			field,
			...(object === undefined ? [] : fieldsOf(object, `${name}.`)),
			...(list === undefined ? [] : fieldsOf(list, `${name}[].`)),
		];
	});
}

/** The shape of an answer, as people write it who explain one: types for values, and a comment where there is one. */
export function outline(schema: JsonSchema, indent = ''): string {
	const deeper = `${indent}  `;
	if (schema.properties !== undefined) {
		const names = Object.entries(schema.properties);
		const lines = names.map(([name, inner]) => {
			const said = inner.description === undefined ? '' : `  // ${inner.description}`;
			const opens = inner.properties !== undefined && names.length > 0;
			const value = outline(inner, deeper);
			// A comment of an object stands where the object begins.
			const [first = '', ...rest] = value.split('\n');
			const shown = opens ? [`${first}${said}`, ...rest].join('\n') : `${value}${said}`;
			return `${deeper}"${name}"${schema.required?.includes(name) ? '' : '?'}: ${shown}`;
		});
		const more = typeof schema.additionalProperties === 'object' ? [`${deeper}…`] : [];
		return `{\n${[...lines, ...more].join('\n')}\n${indent}}`;
	}
	if (schema.prefixItems !== undefined)
		return `[${schema.prefixItems.map((each) => outline(each, indent)).join(', ')}]`;
	if (schema.type === 'array') return `[${outline(schema.items ?? {}, indent)}]`;
	if (schema.type === 'object') return '{ … }';
	if (schema.anyOf !== undefined) return schema.anyOf.map((each) => outline(each, indent)).join(' | ');
	if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
	if (schema.const !== undefined) return JSON.stringify(schema.const);
	return [schema.type ?? 'any'].flat().join(' | ');
}
