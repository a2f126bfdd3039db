import * as z from 'zod';
import { canonicalJson } from './canonical-json.ts';
import type { EventType } from './events.ts';
import {
	type StoredPayload,
	storedCallPayloadSchema,
	storedCostPayloadSchema,
	storedResponsePayloadSchema,
} from './stored-events.ts';

const schemas = {
	llm_call: storedCallPayloadSchema,
	llm_response: storedResponsePayloadSchema,
	cost_tracked: storedCostPayloadSchema,
} as const satisfies Record<EventType, z.ZodType<StoredPayload>>;

/**
 * The text that the event log keeps of a payload, and hashes: canonical JSON (RFC 8785) without the members that are
 * what their schema takes them for when they are missing. Half of an event would else be nulls. Parsed with its schema,
 * the payload is what it was.
 */
export function storedText(type: EventType, payload: StoredPayload): string {
	return writers[type](payload);
}

type TextOf = (value: unknown) => string;

interface Member {
	name: string;
	/** Name and colon, as they stand in the text. */
	label: string;
	textOf: TextOf;
	/** The text of a value that is left out; `null`: it always stands. */
	leftOut: string | null;
}

const writers: Record<EventType, TextOf> = {
	llm_call: writerOf(schemas.llm_call),
	llm_response: writerOf(schemas.llm_response),
	cost_tracked: writerOf(schemas.cost_tracked),
};

function writerOf(schema: z.core.$ZodType): TextOf {
	if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return writerOf(schema.def.innerType);
	if (schema instanceof z.ZodNullable) {
		const inner = writerOf(schema.def.innerType);
		return (value) => (value === null ? 'null' : inner(value));
	}
	if (schema instanceof z.ZodObject) return objectWriter(membersOf(schema));
	if (schema instanceof z.ZodArray) return arrayWriter(writerOf(schema.def.element));
	return plainText;
}

/** Names are ASCII, so that any order by code units is the canonical one. */
function membersOf(schema: z.ZodObject): readonly Member[] {
	return Object.entries(schema.shape)
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([name, member]) => ({
			name,
			label: `${JSON.stringify(name)}:`,
			textOf: writerOf(member),
			leftOut: member instanceof z.ZodDefault ? canonicalJson(member.def.defaultValue) : null,
		}));
}

function objectWriter(members: readonly Member[]): TextOf {
	return (value) => {
		let text = '{';
		for (const { name, label, textOf, leftOut } of members) {
			const member: unknown = (value as Record<string, unknown>)[name];
			if (member === undefined) continue;
			const memberText = textOf(member);
			if (memberText === leftOut) continue;
			text += text.length > 1 ? `,${label}${memberText}` : label + memberText;
		}
		return `${text}}`;
	};
}

function arrayWriter(textOf: TextOf): TextOf {
	return (value) => {
		const array = value as readonly unknown[];
		return array.length === 0 ? '[]' : `[${array.map(textOf).join(',')}]`;
	};
}

/** Nothing in it that JSON writes with a backslash, nor a surrogate. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

function plainText(value: unknown): string {
	if (value === null) return 'null';
	if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
	return typeof value === 'number' && Number.isInteger(value) ? String(value + 0) : canonicalJson(value);
}
