/** Begins each line that the probe prints: the extension host's console is full of others. */
export const mark = '[bench]';

/** What the probe in the extension host tells. Times of day are epoch milliseconds of this machine's clock. */
export type Measured =
	| { kind: 'activation'; ms: number }
	/** The last chunk of a call has come. */
	| { kind: 'callEnded'; atMs: number }
	/** 99th percentiles of the event loop's delay. */
	| { kind: 'delay'; idleMs: number; loadedMs: number; events: number };
