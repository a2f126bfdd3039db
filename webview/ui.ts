import { el } from './dom.ts';
import { Format } from './format.ts';
import type { HostLink } from './host-link.ts';
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
	run(command: 'runSampleTask' | 'openSettings' | 'showLog' | 'openWalkthrough' | 'verifyLedger'): void {
		this.link.request({ kind: 'run', command }).catch((error: unknown) => this.link.fault(`${command}: ${String(error)}`));
	}
}
