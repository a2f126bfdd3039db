import * as z from 'zod';
import { problemSchema } from './answers.ts';
import { apiPaths } from './api-paths.ts';
import { type Operation, operations } from './operations.ts';

type Json = Record<string, unknown>;

const refusals: Readonly<Record<number, string>> = {
	400: 'The request is not valid; what is wrong is named with its path',
	401: 'The token is missing or wrong',
	403: 'Sent by a web page, or by another name than 127.0.0.1 or localhost',
	404: 'There is no such thing',
	408: 'The body did not come in time',
	413: 'The body is larger than 16 MB',
	415: 'The body is not application/json, or compressed with something else than gzip',
	429: 'Too much is under way; Retry-After says when to come again',
	503: 'The ledger takes nothing at the moment; Retry-After says when to come again',
};

/** The OpenAPI 3.1 description of the API, made of the schemas that check its requests. */
export function openApi(version: string): Json {
	const paths: Record<string, Json> = {};
	for (const { id, method, path } of apiPaths) {
		paths[`/api${path}`] = { ...paths[`/api${path}`], [method.toLowerCase()]: operationOf(id, path, operations[id]) };
	}
	return {
		openapi: '3.1.0',
		info: {
			title: 'Callmeter',
			version,
			description: 'Every LLM call of your coding agents, on your own machine. Listens on 127.0.0.1 alone.',
			license: { name: 'MIT', identifier: 'MIT' },
		},
		servers: [{ url: 'http://127.0.0.1:{port}', variables: { port: { default: '47318' } } }],
		security: [{ token: [] }],
		paths,
		components: {
			securitySchemes: {
				token: {
					type: 'http',
					scheme: 'bearer',
					description: 'Made at the first start, and kept in a file that only its owner can read.',
				},
			},
			schemas: { Problem: jsonSchema(problemSchema, 'output') },
		},
	};
}

function operationOf(id: string, path: string, operation: Operation): Json {
	const { summary, description, query, body, answer, open } = operation;
	const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
		name,
		in: 'path',
		required: true,
		schema: { type: 'string' },
	}));
	const codes = [...(operation.refusals ?? []), ...(open ? [403] : [401, 403, 429, 503])].sort();
	return {
		operationId: id,
		summary,
		...(description !== undefined && { description }),
		...(open && { security: [] }),
		parameters: [...inPath, ...(query === undefined ? [] : parametersOf(query))],
		...(body !== undefined && {
			requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } },
		}),
		responses: {
			200: { description: 'Done', content: contentOf(answer) },
			...Object.fromEntries(codes.map((code) => [code, refusalOf(code, id)])),
		},
	};
}

function contentOf(answer: Operation['answer']): Json {
	if (typeof answer === 'string') return { [answer]: { schema: { type: 'string' } } };
	return { 'application/json': { schema: jsonSchema(answer, 'output') } };
}

/** Of `POST /api/events` a 400 may have receipts, too. */
function refusalOf(code: number, id: string): Json {
	const problem = { $ref: '#/components/schemas/Problem' };
	const receipts = operations.recordEvents.answer;
	const schema =
		code === 400 && id === 'recordEvents' && typeof receipts !== 'string'
			? { anyOf: [problem, { allOf: [problem, jsonSchema(receipts, 'output')] }] }
			: problem;
	return { description: refusals[code], content: { 'application/json': { schema } } };
}

function parametersOf(query: z.ZodObject): Json[] {
	const required = new Set(jsonSchema(query, 'input').required as string[] | undefined);
	const { properties = {} } = jsonSchema(query, 'output') as { properties?: Record<string, Json> };
	return Object.entries(properties).map(([name, { description, ...schema }]) => ({
		name,
		in: 'query',
		required: required.has(name),
		...(description !== undefined && { description }),
		schema,
	}));
}

/** OpenAPI 3.1 takes JSON Schema 2020-12 as it is; only its name goes, which stands for the whole document. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
	const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
	return rest;
}
