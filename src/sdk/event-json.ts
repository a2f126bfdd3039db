import type { EventInput } from '../core/outside/event-input.ts';
import { snapshotValue } from '../core/snapshot-value.ts';
import { CallmeterError } from './callmeter-error.ts';

/**
 * An event as it is sent and kept. What JSON has no word for (a bigint among the parameters, a tool's schema that
 * contains itself) loses that much, and not the call.
 *
 * @throws {CallmeterError} `invalid`, for what cannot even be read; without its words, which may hold content
 */
export function eventJson(event: EventInput): string {
	try {
		return JSON.stringify(event);
	} catch {
		try {
			return JSON.stringify(snapshotValue(event));
		} catch {
			throw new CallmeterError('invalid', 'The call holds something that cannot be read.');
		}
	}
}
