/**
 * The JSON of the events of a `text/event-stream`, as far as it has come. Lines end with `\n`, `\r\n` or `\r`; several
 * `data` lines make one event; an event that is no JSON (`[DONE]`) is left out.
 * Format: WHATWG HTML, "Server-sent events".
 */
export class EventStream {
	#rest = '';
	#data: string[] = [];

	/** Takes more of the stream, and gives the events that it completes. */
	add(text: string): unknown[] {
		const events: unknown[] = [];
		const lines = (this.#rest + text).split(/\r\n|\n|\r/);
		this.#rest = lines.pop() ?? '';
		for (const line of lines) {
			if (line === '') this.#flush(events);
			else if (line.startsWith('data:')) this.#data.push(line.slice(line.charAt(5) === ' ' ? 6 : 5));
		}
		return events;
	}

	/** The last event, of a stream that ends without an empty line. */
	end(): unknown[] {
		const events = this.add('\n');
		this.#flush(events);
		return events;
	}

	#flush(events: unknown[]): void {
		if (this.#data.length === 0) return;
		const text = this.#data.join('\n');
		this.#data = [];
		try {
			events.push(JSON.parse(text));
		} catch {
			// Not an event that tells anything.
		}
	}
}
