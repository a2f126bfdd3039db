import * as z from 'zod';
import { envelopeHash } from './hash-chain.ts';
import type { CostTrackedPayload, LlmCallPayload, LlmResponsePayload } from './ingress.ts';
import type { Sha256 } from './sha256.ts';
import type { StoredPayload } from './stored-events.ts';

/** Every type of event. `cost_tracked` is a cost without tokens, kept for compatibility. */
export const EVENT_TYPES = ['llm_call', 'llm_response', 'cost_tracked'] as const;
export const eventTypeSchema = z.enum(EVENT_TYPES);
export type EventType = (typeof EVENT_TYPES)[number];

export const SEVERITIES = ['debug', 'info', 'warn', 'error', 'critical'] as const;
export const severitySchema = z.enum(SEVERITIES);
export type Severity = (typeof SEVERITIES)[number];

/** Payloads as they come in from outside. What the ledger keeps is `StoredPayload`. */
export type EventPayload = LlmCallPayload | LlmResponsePayload | CostTrackedPayload;

const hexDigest = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 lower-case hex digits');

/** An event of the append-only log. The payload's own schema hangs on `eventType`. */
export const envelopeSchema = z.object({
	id: z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'must be a ULID: 26 characters of Crockford base 32'),
	/** ISO 8601 in UTC with milliseconds. */
	timestamp: z.iso.datetime({ precision: 3, error: 'must be ISO 8601 in UTC with milliseconds' }),
	/** The task; a "run" is a session. */
	sessionId: z.string().min(1),
	agentId: z.string().min(1),
	eventType: eventTypeSchema,
	severity: severitySchema,
	payload: z.record(z.string(), z.unknown()),
	metadata: z.record(z.string(), z.unknown()),
	/** Hash of the session's event before this one; `null` for its first. */
	prevHash: hexDigest.nullable(),
	hash: hexDigest,
});

/** An event with its payload typed. Parsed from outside, `payload` is only known to be an object. */
export interface Envelope<Payload extends object = EventPayload | StoredPayload | Record<string, unknown>>
	extends Omit<z.infer<typeof envelopeSchema>, 'payload'> {
	payload: Payload;
}

export interface NewEvent<Payload extends object> {
	/** A ULID, made by the caller: this function knows no clock and no chance. */
	id: string;
	/** Epoch milliseconds. */
	atMs: number;
	sessionId: string;
	agentId: string;
	eventType: EventType;
	payload: Payload;
	severity?: Severity;
	metadata?: Record<string, unknown>;
	/** Hash of the session's event before; `null` for its first. */
	prevHash: string | null;
}

/** The envelope of a new event, hashed and so chained to the one before. */
export function createEvent<Payload extends EventPayload | StoredPayload>(
	event: NewEvent<Payload>,
	sha256: Sha256,
): Envelope<Payload> {
	const { id, atMs, sessionId, agentId, eventType, payload, severity = 'info', metadata = {}, prevHash } = event;
	const timestamp = new Date(atMs).toISOString();
	const unhashed = { id, timestamp, sessionId, agentId, eventType, severity, payload, metadata, prevHash };
	return { ...unhashed, hash: envelopeHash(unhashed, sha256) };
}
