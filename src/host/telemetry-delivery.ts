import type { CompletionProperties } from '../core/completion-event.ts';
import { EventSpool } from '../telemetry/event-spool.ts';
import { NetworkSink, type NetworkSinkOptions } from '../telemetry/network-sink.ts';
import { OtlpSender } from '../telemetry/otlp-sender.ts';
import { type AddressProblem, otlpAddress } from '../telemetry/otlp-target.ts';

export interface TelemetryDeliveryOptions {
	/** Of the queue; absolute. All windows share it. */
	directory: string;
	/** Of Callmeter. */
	version: string;
	/** Both switches are on: the user's own and VS Code's level. */
	isOn(): boolean;
	/** The receiver as the user wrote it; empty: events go to the log alone. */
	endpoint(): string;
	/** What the receiver at this origin asks for. */
	headers(origin: string): Promise<Record<string, string>>;
	log: NetworkSinkOptions['log'];
	limits?: NetworkSinkOptions['limits'];
}

/**
 * Telemetry on its way out of the machine: sends to the receiver of the settings while both switches are on, and deletes
 * what waits as soon as one goes off, or there is no receiver any more. An address that is none stops sending, and keeps
 * what waits until it is mended.
 */
export class TelemetryDelivery {
	readonly #options: TelemetryDeliveryOptions;
	readonly #sink: NetworkSink;

	/** Does no I/O. */
	constructor(options: TelemetryDeliveryOptions) {
		this.#options = options;
		this.#sink = new NetworkSink({
			spool: new EventSpool(options.directory),
			sender: () => this.#sender(),
			log: options.log,
			...(options.limits && { limits: options.limits }),
		});
	}

	/** What is wrong with the receiver's address; `null`: nothing, or there is none. */
	get problem(): AddressProblem | null {
		const address = this.#address();
		return address !== null && 'problem' in address ? address.problem : null;
	}

	/** Scheme, host and port of the receiver; `null`: there is none that can be sent to. */
	get origin(): string | null {
		const address = this.#address();
		return address !== null && 'origin' in address ? address.origin : null;
	}

	/** Takes an event if it may leave the machine; returns at once. */
	add(properties: CompletionProperties): void {
		if (this.#options.isOn() && this.origin !== null) this.#sink.add(properties);
	}

	/** Follows the switches, the receiver and its headers: at start, and when one of them may have changed. */
	async renew(): Promise<void> {
		if (this.#options.isOn() && this.#address() !== null) this.#sink.wake();
		else await this.#sink.discard();
	}

	/** What has not been delivered is on disk when this resolves. */
	close(): Promise<void> {
		return this.#sink.close();
	}

	#address(): ReturnType<typeof otlpAddress> | null {
		const text = this.#options.endpoint();
		return text.trim() === '' ? null : otlpAddress(text, 'logs');
	}

	async #sender(): Promise<OtlpSender | null> {
		const address = this.#address();
		if (address === null || 'problem' in address || !this.#options.isOn()) return null;
		const headers = await this.#options.headers(address.origin);
		return new OtlpSender({ url: address.url, headers, userAgent: `callmeter/${this.#options.version}` });
	}
}
