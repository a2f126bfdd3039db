import type { Message } from '../../../../src/core/message.ts';
import type {
	ApiHandler,
	ApiStream,
	ApiStreamChunk,
	ModelInfo,
	RequestMetadata,
} from '../../../../src/task/api-handler.ts';

export const usage = { type: 'usage', inputTokens: 10, outputTokens: 5 } as const;

/** One step of a fake stream: a chunk, or something to run in between. */
export type Act = ApiStreamChunk | (() => unknown);

/** A handler that plays the steps it is given and keeps track of what its consumer did. */
export class FakeHandler implements ApiHandler {
	model: ModelInfo = { id: 'model-a', provider: 'openai', protocol: 'openai' };
	/** How many chunks were asked for and given. */
	given = 0;
	/** Whether the generator came to its `finally`. */
	closed = false;
	signal: AbortSignal | undefined;
	readonly #acts: Act[];

	constructor(...acts: Act[]) {
		this.#acts = acts;
	}

	getModel(): ModelInfo {
		return this.model;
	}

	async *createMessage(_system: string, _messages: Message[], metadata?: RequestMetadata): ApiStream {
		this.signal = metadata?.signal;
		try {
			for (const act of this.#acts) {
				if (typeof act !== 'function') {
					this.given++;
					yield act;
				} else await act();
			}
		} finally {
			this.closed = true;
		}
	}
}

/** A promise that never settles: a connection that hangs. */
export const hang = (): Promise<never> => new Promise(() => undefined);

/** A promise to be settled by hand. */
export function gate(): { wait: () => Promise<void>; open: () => void } {
	let open: () => void = () => undefined;
	const opened = new Promise<void>((resolve) => {
		open = resolve;
	});
	return { wait: () => opened, open };
}

/** Lets everything that is ready run. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const text = (content: string): ApiStreamChunk => ({ type: 'text', text: content });

/** Reads a stream to its end. */
export async function readAll(stream: AsyncIterable<unknown>): Promise<unknown[]> {
	const chunks: unknown[] = [];
	for await (const chunk of stream) chunks.push(chunk);
	return chunks;
}
