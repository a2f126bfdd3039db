import * as vscode from 'vscode';
import { type Listening, LocalServer, LocalServerError, type Route } from '../server/local-server.ts';
import { messageOf } from './message-of.ts';

/** One thing that the local server offers. */
export interface ServerOffer {
	/** Whether the user's settings have it on; asked at each start. */
	isOn(): boolean;
	/** Its routes, for one run of the server. Starts nothing that is costly: most servers are never asked. */
	open(): {
		routes: readonly Route[];
		/** The server listens, at this port. */
		listening?(port: number): void;
		close(): Promise<void>;
	};
}

export interface LocalServerServiceOptions {
	settings: {
		readonly enabled: boolean;
		readonly port: number;
		setEnabled(on: boolean): Thenable<void>;
		onDidChange(listener: () => void): vscode.Disposable;
	};
	offers: readonly ServerOffer[];
	log: Pick<vscode.LogOutputChannel, 'info' | 'warn' | 'error'>;
}

interface Running {
	server: LocalServer;
	listening: Listening;
	close: readonly (() => Promise<void>)[];
	/** What it was started with: another port or offer starts it anew. */
	as: string;
}

/**
 * The window's local server: runs while the setting has it on, or from the command that starts it until the one that stops
 * it. Each window has its own. What fails is told and logged; nothing else of the extension depends on it.
 */
export class LocalServerService implements vscode.Disposable {
	readonly #options: LocalServerServiceOptions;
	readonly #emitter = new vscode.EventEmitter<void>();
	readonly #subscription: vscode.Disposable;
	#running: Running | null = null;
	/** Asked for by command, in this window, whatever the setting says; `null`: as the setting says. */
	#wanted: boolean | null = null;
	#problem: string | null = null;
	#work: Promise<unknown> = Promise.resolve();
	#closed = false;

	/** `listening` or `problem` may have changed. */
	readonly onDidChange = this.#emitter.event;

	constructor(options: LocalServerServiceOptions) {
		this.#options = options;
		this.#subscription = options.settings.onDidChange(() => {
			// The setting is the user's latest word.
			if (this.#wanted === options.settings.enabled) this.#wanted = null;
			void this.#renew();
		});
	}

	/** `null`: the server does not run. */
	get listening(): Listening | null {
		return this.#running?.listening ?? null;
	}

	/** Why it does not run though it should, for a person. */
	get problem(): string | null {
		return this.#problem;
	}

	/** Starts it if the setting has it on. Returns at once. */
	start(): void {
		if (this.#options.settings.enabled) void this.#renew();
	}

	/** Starts it in this window, and says where it listens. */
	async startByCommand(): Promise<void> {
		this.#wanted = true;
		await this.#renew(true);
		const { listening } = this;
		if (listening === null || isElsewhere(listening)) return;
		const text = vscode.l10n.t('The local server listens on {0}.', listening.endpoint);
		void this.#offer(text, [copyText(), ...(this.#options.settings.enabled ? [] : [alwaysText()])]);
	}

	/** Stops it in this window, until the window is opened again. */
	async stopByCommand(): Promise<void> {
		this.#wanted = false;
		const was = this.listening;
		await this.#renew();
		const text = was
			? vscode.l10n.t('The local server has stopped.')
			: vscode.l10n.t('The local server is not running.');
		void vscode.window.showInformationMessage(text);
	}

	/** Copies `http://127.0.0.1:PORT`. */
	async copyEndpoint(): Promise<void> {
		const { listening } = this;
		if (listening === null) {
			void this.#offer(vscode.l10n.t('The local server is not running.'), [vscode.l10n.t('Start')]);
			return;
		}
		await vscode.env.clipboard.writeText(listening.endpoint);
		vscode.window.setStatusBarMessage(vscode.l10n.t('Copied {0}', listening.endpoint), 3_000);
	}

	/** Stops for good; resolves when all that was taken is handed over. */
	async close(): Promise<void> {
		this.#closed = true;
		await this.#renew();
	}

	dispose(): void {
		this.#subscription.dispose();
		this.#emitter.dispose();
	}

	/** Brings what runs in line with what is wanted, one change after the other. */
	#renew(byCommand = false): Promise<void> {
		const work = this.#work.then(() => this.#bring(byCommand));
		this.#work = work.catch((error: unknown) =>
			this.#options.log.error(`The local server failed: ${messageOf(error)}`),
		);
		return work.catch(() => undefined);
	}

	async #bring(byCommand: boolean): Promise<void> {
		const { settings, offers } = this.#options;
		const on = !this.#closed && (this.#wanted ?? settings.enabled);
		const open = on ? offers.filter((offer) => offer.isOn()) : [];
		const as = on ? `${settings.port}:${open.map((offer) => offers.indexOf(offer)).join()}` : null;
		if (as === (this.#running?.as ?? null)) return;
		await this.#end();
		if (as !== null) await this.#begin(open, as, byCommand);
		this.#emitter.fire();
	}

	async #begin(open: readonly ServerOffer[], as: string, byCommand: boolean): Promise<void> {
		const { settings, log } = this.#options;
		const parts = open.map((offer) => offer.open());
		const close = parts.map((part) => () => part.close());
		const server = new LocalServer({ routes: parts.flatMap(({ routes }) => routes), port: settings.port, log });
		try {
			const listening = await server.start();
			this.#running = { server, listening, close, as };
			this.#problem = null;
			for (const part of parts) part.listening?.(listening.port);
			if (isElsewhere(listening)) this.#tellOfPort(listening);
		} catch (error) {
			await Promise.allSettled(close.map((each) => each()));
			this.#problem = problemOf(error, settings.port);
			log.error(`The local server does not run: ${messageOf(error)}`);
			// It was asked for, or is on for good: either way someone counts on it.
			void (byCommand
				? vscode.window.showErrorMessage(this.#problem)
				: vscode.window.showWarningMessage(this.#problem));
		}
	}

	async #end(): Promise<void> {
		const running = this.#running;
		this.#running = null;
		this.#problem = null;
		if (running === null) return;
		await running.server.stop();
		await Promise.allSettled(running.close.map((each) => each()));
	}

	#tellOfPort({ wantedPort, endpoint }: Listening): void {
		const text = vscode.l10n.t(
			'Port {0} is taken, perhaps by another window. The local server of this window listens on {1}: agents have to be told.',
			wantedPort,
			endpoint,
		);
		void this.#offer(text, [copyText()]);
	}

	async #offer(text: string, answers: readonly string[]): Promise<void> {
		const answer = await vscode.window.showInformationMessage(text, ...answers);
		if (answer === undefined) return;
		if (answer === copyText()) await this.copyEndpoint();
		else if (answer === alwaysText()) await this.#options.settings.setEnabled(true);
		else await this.startByCommand();
	}
}

function isElsewhere({ port, wantedPort }: Listening): boolean {
	return port !== wantedPort;
}

function copyText(): string {
	return vscode.l10n.t('Copy Address');
}

function alwaysText(): string {
	return vscode.l10n.t('Start With Each Window');
}

function problemOf(error: unknown, port: number): string {
	const reason = error instanceof LocalServerError ? error.reason : null;
	const setting = 'callmeter.server.port';
	if (reason === 'noFreePort') {
		return vscode.l10n.t(
			'The local server found no free port from {0} on. Choose another in the setting {1}.',
			port,
			setting,
		);
	}
	if (reason === 'notAllowed') {
		return vscode.l10n.t('The local server may not use port {0}. Choose another in the setting {1}.', port, setting);
	}
	return vscode.l10n.t('The local server could not be started: {0}', messageOf(error));
}
