import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { CallmeterApi } from '../../src/api.ts';
import type { CallRow } from '../../src/core/views.ts';
import type { ApiHandler, ApiStream, ApiStreamChunk, ModelInfo } from '../../src/task/api-handler.ts';

export const extensionId = 'callmeter.callmeter';

/** The API that other extensions get. */
export async function callmeter(): Promise<CallmeterApi> {
	const extension = vscode.extensions.getExtension<CallmeterApi>(extensionId);
	assert.ok(extension, 'VS Code does not know the extension');
	return extension.activate();
}

/** Resolves to what `look` finds, as soon as it finds something. */
export async function eventually<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
	const endMs = performance.now() + 15_000;
	for (;;) {
		const found = await look();
		if (found !== undefined) return found;
		if (performance.now() > endMs) throw new Error(`Did not happen within 15 s: ${what}`);
		await sleep(20);
	}
}

/** The next `count` live calls that end, of those that `wanted` accepts. Listens from now on. */
export function completedCalls(
	api: CallmeterApi,
	count: number,
	wanted: (row: CallRow) => boolean = () => true,
): Promise<CallRow[]> {
	const { promise, resolve } = Promise.withResolvers<CallRow[]>();
	const rows: CallRow[] = [];
	const listener = api.onDidCompleteCall((row) => {
		if (!wanted(row)) return;
		rows.push(row);
		if (rows.length < count) return;
		listener.dispose();
		resolve(rows);
	});
	return promise;
}

/** A provider that streams these chunks. */
export class StreamingHandler implements ApiHandler {
	readonly #chunks: readonly ApiStreamChunk[];

	constructor(chunks: readonly ApiStreamChunk[]) {
		this.#chunks = chunks;
	}

	async *createMessage(): ApiStream {
		yield* this.#chunks;
	}

	getModel(): ModelInfo {
		return { id: 'gpt-4o', provider: 'openai', protocol: 'openai' };
	}
}

/** Reads a stream to its end. */
export async function drain(stream: AsyncIterable<unknown>): Promise<void> {
	for await (const _ of stream);
}
