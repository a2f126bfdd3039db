import { canonicalJson } from '../../core/canonical-json.ts';
import type { EventType } from '../../core/events.ts';
import type { StoredPayload } from '../../core/stored-events.ts';
import { storedText } from '../../core/stored-text.ts';

/**
 * The texts that the payload of an exported event may have been hashed as. A file has it with every field, as ledgers of
 * earlier versions keep it; others leave out what is the default.
 */
export function* storedForms(type: EventType, payload: StoredPayload, raw: Record<string, unknown>): Generator<string> {
	yield storedText(type, payload);
	yield canonicalJson(raw);
}
