import type { CallKind, Protocol } from '../../core/draft.ts';
import type { CallSink } from '../call-sink.ts';

/**
 * What the hook cannot see in the stream: whose call it is, and where the record goes. Everything but `sink` and
 * `agentId` is optional and, when absent, read from the request or the handler.
 */
export interface CallContext {
	sink: CallSink;
	/** Which agent makes the calls: `callmeter`, `kilo-code`, … */
	agentId: string;
	/** The session of the calls. Absent: `metadata.taskId` of the request, else one made up for this handler. */
	taskId?: string | undefined;
	parentTaskId?: string | undefined;
	/** Used when the request itself does not tell (`metadata.mode`). */
	mode?: string | undefined;
	/** The task's title. Content. */
	title?: string | undefined;
	/** Absolute working directory of the agent. */
	folder?: string | undefined;
	/** Source id of the records. Default `task-loop`. */
	source?: string | undefined;
	billing?: 'api' | 'subscription' | undefined;
	/** Default `chat`. */
	kind?: CallKind | undefined;
	/** Absent: `getModel().provider`, else what the task's settings name, else `unknown`. */
	provider?: string | undefined;
	/** What the task's own settings name; counts only if the handler does not tell its provider. */
	agentProvider?: string | undefined;
	/** How the handler counts input. Absent: `getModel().protocol`, else by provider, else unknown. */
	protocol?: Protocol | undefined;
	/** Who computed `totalCost` of a usage chunk. Default `agent`: most agents compute it themselves. */
	costFrom?: 'provider' | 'agent' | undefined;
	/** Beside what `handler.getParameters()` tells. */
	parameters?: Record<string, unknown> | undefined;
	/** Tells whether the agent has given the task up. Asked when the stream ends early, and twice a second. */
	isCancelled?: (() => boolean) | undefined;
	/** Where our own failures go. Gets no content. Default: nowhere. */
	log?: ((message: string, error: unknown) => void) | undefined;
	/** How long a stream that its consumer left is read on for its usage, in ms. Default 5,000. */
	drainMs?: number | undefined;
}

/** Runs our own work so that nothing it throws reaches the agent: it is logged instead. */
export function guarded<T>(log: CallContext['log'], what: string, work: () => T): T | undefined {
	try {
		return work();
	} catch (error) {
		complain(log, what, error);
		return undefined;
	}
}

/** Logs a failure of ours. A logger that throws is ignored. */
export function complain(log: CallContext['log'], what: string, error: unknown): void {
	try {
		log?.(what, error);
	} catch {
		// There is nowhere left to say it.
	}
}
