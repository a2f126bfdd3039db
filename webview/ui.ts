import type { Request } from '../src/protocol/messages.ts';
import { el } from './dom.ts';
import type { Format } from './format.ts';
import { HostError, type HostLink } from './host-link.ts';
import { text } from './strings.ts';

/** What every part of the panel needs. One object, so that a change of locale reaches all of them. */
export class Ui {
	readonly link: HostLink;
	/** Speaks to screen readers what sighted readers see happen. */
	readonly announcer: HTMLElement = el('div', { class: 'sr-only', role: 'status', 'aria-live': 'polite' });
	format: Format;

	constructor(link: HostLink, format: Format) {
		this.link = link;
		this.format = format;
	}

	now(): number {
		return Date.now();
	}

	announce(message: string): void {
		this.announcer.textContent = message;
	}

	/** Tells the log of a failure that is not the host's own: a mistake of ours. No message, since it may quote content. */
	report(error: unknown): void {
		if (error instanceof HostError) return;
		const place = error instanceof Error ? (error.stack?.match(/[^/\s]+:\d+:\d+/)?.[0] ?? '') : '';
		this.link.fault(`${error instanceof Error ? error.name : typeof error} at ${place}`);
	}

	/** Has the host put a text on the clipboard, and says so. */
	async copy(copied: string): Promise<boolean> {
		try {
			await this.link.request({ kind: 'copy', text: copied });
			this.announce(text('detail.copied'));
			return true;
		} catch {
			this.announce(text('detail.copyFailed'));
			return false;
		}
	}

	/** Runs a command of the extension. What fails there is shown there. */
	run(command: Extract<Request, { kind: 'run' }>['command']): void {
		this.link.request({ kind: 'run', command }).catch((error: unknown) => this.report(error));
	}
}
