/** Where everything about a call is read: `callmeter://call/<id>`, the id percent-encoded. */
export function callUri(callId: string): string {
	return `callmeter://call/${encodeURIComponent(callId.toWellFormed())}`;
}

/** Where everything about a task is read. */
export function sessionUri(sessionId: string): string {
	return `callmeter://session/${encodeURIComponent(sessionId.toWellFormed())}`;
}
