import {
	type McpServer,
	ProtocolError,
	ProtocolErrorCode,
	type ReadResourceResult,
	type Resource,
	ResourceNotFoundError,
	ResourceTemplate,
} from '@modelcontextprotocol/server';
import { type Asker, QuestionProblem } from '../ledger/answers/answer.ts';
import { callDocument } from '../ledger/answers/call-document.ts';
import { named } from '../ledger/answers/foreign-text.ts';
import { callUri, sessionUri } from '../ledger/answers/resource-uris.ts';
import { sessionDocument } from '../ledger/answers/session-document.ts';
import { callSummary, callsText, clockText } from '../ledger/answers/wording.ts';
import type { AskerOf } from './asker-of.ts';
import { problemText, type ReportFault } from './tool-problem.ts';

/** How many of each a client is shown in its list. */
const maxListed = 20;
/** How many ids are looked through for one that a person began to type, and how many are offered. */
const maxLookedThrough = 500;
const maxOffered = 100;
const mimeType = 'text/markdown';

/** Adds what can be read of calls and tasks, by their ids. The newest are listed, and ids are completed. */
export function addResources(server: McpServer, askerOf: AskerOf, report: ReportFault): void {
	server.registerResource(
		'call',
		new ResourceTemplate('callmeter://call/{id}', {
			list: ({ mcpReq }) => listed(askerOf, mcpReq.signal, recentCallResources),
			complete: { id: (begun) => completed(askerOf, begun, callIds) },
		}),
		{
			title: 'LLM call',
			description: 'One LLM call: its cost line by line, metadata, and as far as they are kept prompt and completion.',
			mimeType,
		},
		(uri, { id }, { mcpReq }) => read(uri, id, askerOf, mcpReq.signal, callDocument, report),
	);
	server.registerResource(
		'session',
		new ResourceTemplate('callmeter://session/{id}', {
			list: ({ mcpReq }) => listed(askerOf, mcpReq.signal, recentSessionResources),
			complete: { id: (begun) => completed(askerOf, begun, sessionIds) },
		}),
		{
			title: 'Task',
			description: 'One task of an agent: where its money went, and its newest calls.',
			mimeType,
		},
		(uri, { id }, { mcpReq }) => read(uri, id, askerOf, mcpReq.signal, sessionDocument, report),
	);
}

async function read(
	uri: URL,
	id: string | string[] | undefined,
	askerOf: AskerOf,
	signal: AbortSignal,
	documentOf: (id: string, asker: Asker) => Promise<string>,
	report: ReportFault,
): Promise<ReadResourceResult> {
	const known = idOf(id);
	if (known === null) throw new ResourceNotFoundError(uri.href);
	try {
		return { contents: [{ uri: uri.href, mimeType, text: await documentOf(known, askerOf(signal)) }] };
	} catch (error) {
		if (error instanceof QuestionProblem) throw new ResourceNotFoundError(uri.href, error.message);
		throw new ProtocolError(ProtocolErrorCode.InternalError, problemText(error, report));
	}
}

/** The id as it is in the ledger; `null` for what cannot be one. */
function idOf(encoded: string | string[] | undefined): string | null {
	if (typeof encoded !== 'string') return null;
	try {
		return decodeURIComponent(encoded);
	} catch {
		return null;
	}
}

/** Before there is a ledger, nothing is listed: that is no fault of whoever asks. */
async function listed(
	askerOf: AskerOf,
	signal: AbortSignal,
	list: (asker: Asker) => Promise<Resource[]>,
): Promise<{ resources: Resource[] }> {
	try {
		return { resources: await list(askerOf(signal)) };
	} catch {
		return { resources: [] };
	}
}

async function recentCallResources({ ledger, timeZone }: Asker): Promise<Resource[]> {
	const { rows } = await ledger.calls({ filter: {}, sort: 'newest', offset: 0, limit: maxListed });
	return rows.map((row) => ({
		uri: callUri(row.callId),
		name: named(row.callId),
		title: callSummary(row, timeZone),
		annotations: { lastModified: new Date(row.endedAtMs ?? row.startedAtMs).toISOString() },
	}));
}

/** Without titles: those are content, and a list is read without asking for any. */
async function recentSessionResources({ ledger, timeZone }: Asker): Promise<Resource[]> {
	const { rows } = await ledger.sessions({ filter: {}, offset: 0, limit: maxListed });
	return rows.map((row) => ({
		uri: sessionUri(row.sessionId),
		name: named(row.sessionId),
		title: `${clockText(row.startedAtMs, timeZone)} ${named(row.agentId)}, ${callsText(row.calls)}`,
		annotations: { lastModified: new Date(row.lastAtMs).toISOString() },
	}));
}

async function completed(
	askerOf: AskerOf,
	begun: string,
	idsOf: (asker: Asker) => Promise<string[]>,
): Promise<string[]> {
	try {
		const ids = await idsOf(askerOf(new AbortController().signal));
		// As they stand in a URI: what is chosen is put there as it is.
		const encoded = ids.map((id) => encodeURIComponent(id.toWellFormed()));
		return encoded.filter((id) => id.startsWith(begun)).slice(0, maxOffered);
	} catch {
		return [];
	}
}

async function callIds({ ledger }: Asker): Promise<string[]> {
	const { rows } = await ledger.calls({ filter: {}, sort: 'newest', offset: 0, limit: maxLookedThrough });
	return rows.map(({ callId }) => callId);
}

async function sessionIds({ ledger }: Asker): Promise<string[]> {
	const { rows } = await ledger.sessions({ filter: {}, offset: 0, limit: maxLookedThrough });
	return rows.map(({ sessionId }) => sessionId);
}
