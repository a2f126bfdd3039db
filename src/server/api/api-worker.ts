import { parentPort } from 'node:worker_threads';
import type { Ledger } from '../../ledger/ledger.ts';
import { ledgerOverPort } from '../../ledger/ledger-over-port.ts';
import { apiApp } from './api-app.ts';
import { ApiProblem } from './api-problem.ts';
import type { ApiRequest, FromApiWorker, ToApiWorker } from './api-protocol.ts';
import { EventStreams } from './event-stream.ts';
import { LiveCalls } from './live-calls.ts';

const nothing = new Uint8Array();
/** Of a URL, for the parts behind it. */
const origin = 'http://callmeter.invalid';

interface Open {
	request: ApiRequest;
	chunks: Uint8Array[];
	/** The request is whole, and its answer is on its way. */
	whole: boolean;
	/** The client has taken the last part of the answer. */
	taken: () => void;
	/** The client has gone. */
	gone: boolean;
	/** Called when it goes. */
	drop: () => void;
}

/** Entry of the API worker: takes requests whole, answers them, and has the ledger at hand. */
function serve(host: NonNullable<typeof parentPort>): void {
	const tell = (message: FromApiWorker, transfer: readonly ArrayBuffer[] = []) => host.postMessage(message, transfer);
	const open = new Map<number, Open>();
	const live = new LiveCalls();
	let ledger: Ledger | null = null;
	let streams = new EventStreams(live, '');
	let app: ReturnType<typeof apiApp> | null = null;
	let stopping = false;

	const connect = (port: Parameters<typeof ledgerOverPort>[0]) => {
		const face = ledgerOverPort(port);
		port.on('close', () => {
			if (ledger !== face) return;
			ledger = null;
			tell({ type: 'ledgerClosed' });
		});
		ledger = face;
		live.use(face);
	};

	const introduce = ({ version, instance }: { version: string; instance: string }) => {
		streams = new EventStreams(live, instance);
		app = apiApp({
			ledger: () => {
				if (ledger === null) throw new ApiProblem(503, 'The ledger is not open.', { retryAfterSeconds: 1 });
				return ledger;
			},
			streams,
			version,
			nowMs: Date.now,
		});
	};

	const answer = async (id: number, state: Open): Promise<void> => {
		const { method, path, ...sent } = state.request;
		const body = state.chunks.length === 1 ? (state.chunks[0] ?? nothing) : Buffer.concat(state.chunks);
		state.chunks = [];
		const response = await app?.fetch(new Request(origin + path, { method }), { body, ...sent });
		if (response === undefined) return tell({ type: 'cut', id });
		const headers = Object.fromEntries(response.headers);
		const { status } = response;
		if (response.body === null || !headers['content-type']?.startsWith('text/event-stream')) {
			const whole = new Uint8Array(await response.arrayBuffer());
			return tell({ type: 'answer', id, status, headers, body: whole, more: false }, [whole.buffer]);
		}
		tell({ type: 'answer', id, status, headers, body: nothing, more: true });
		await pass(id, state, response.body.getReader());
	};

	/** One part at a time: the next goes when the client has taken the last. */
	const pass = async (id: number, state: Open, reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> => {
		const over = Promise.withResolvers<'over'>();
		state.drop = () => over.resolve('over');
		if (state.gone) state.drop();
		// Given up by whoever writes it, also while its reader takes nothing.
		reader.closed.catch(() => over.resolve('over'));
		for (;;) {
			const part = await Promise.race([reader.read(), over.promise]).catch(() => 'over' as const);
			if (part === 'over') break;
			if (part.done) return tell({ type: 'done', id });
			const taken = new Promise<void>((resolve) => {
				state.taken = resolve;
			});
			tell({ type: 'part', id, part: part.value });
			if ((await Promise.race([taken, over.promise])) === 'over') break;
		}
		tell({ type: 'cut', id });
		await reader.cancel().catch(() => undefined);
	};

	const over = (id: number) => {
		open.delete(id);
		if (stopping && open.size === 0) tell({ type: 'stopped' });
	};

	host.on('message', (message: ToApiWorker) => {
		switch (message.type) {
			case 'ledger':
				return connect(message.ledger);
			case 'about':
				return introduce(message.product);
			case 'request':
				open.set(message.id, {
					request: message.request,
					chunks: [],
					whole: false,
					taken: () => undefined,
					gone: false,
					drop: () => undefined,
				});
				return;
			case 'chunk':
				open.get(message.id)?.chunks.push(message.chunk);
				return;
			case 'end': {
				const { id } = message;
				const state = open.get(id);
				if (state === undefined) return;
				state.whole = true;
				answer(id, state)
					.catch(() => tell({ type: 'cut', id }))
					.finally(() => over(id));
				return;
			}
			case 'taken':
				open.get(message.id)?.taken();
				return;
			case 'drop': {
				const state = open.get(message.id);
				if (state === undefined) return;
				state.gone = true;
				if (state.whole) state.drop();
				else over(message.id);
				return;
			}
			case 'stop':
				stopping = true;
				streams.end();
				if (open.size === 0) tell({ type: 'stopped' });
		}
	});
}

if (parentPort !== null) serve(parentPort);
