/** The little of VS Code's API that parts of the host use, for tests that run without VS Code. `window.panels` is ours. */
import { EventEmitter as NodeEmitter } from 'node:events';

interface Disposable {
	dispose(): void;
}

export class EventEmitter<T> {
	readonly #emitter = new NodeEmitter();
	readonly event = (listener: (value: T) => void): Disposable => {
		this.#emitter.on('event', listener);
		return { dispose: () => this.#emitter.off('event', listener) };
	};
	fire(value: T): void {
		this.#emitter.emit('event', value);
	}
	dispose(): void {
		this.#emitter.removeAllListeners();
	}
}

/** A webview panel that keeps what was posted to it. */
export class FakePanel {
	readonly posted: unknown[] = [];
	readonly #received = new EventEmitter<unknown>();
	readonly #viewState = new EventEmitter<void>();
	readonly #disposed = new EventEmitter<void>();
	visible = true;
	disposed = false;
	revealed = 0;
	readonly webview = {
		html: '',
		options: {},
		cspSource: 'https://webview.test',
		asWebviewUri: (uri: { path: string }) => `https://webview.test${uri.path}`,
		onDidReceiveMessage: this.#received.event,
		postMessage: async (message: unknown) => this.posted.push(message) > 0,
	};
	readonly onDidChangeViewState = this.#viewState.event;
	readonly onDidDispose = this.#disposed.event;

	/** The page says something. */
	says(message: unknown): void {
		this.#received.fire(message);
	}

	/** The person brings it up, or something else in front of it. */
	setVisible(visible: boolean): void {
		this.visible = visible;
		this.#viewState.fire();
	}

	reveal(): void {
		this.revealed++;
	}

	dispose(): void {
		this.disposed = true;
		this.#disposed.fire();
	}
}

export const window = {
	panels: [] as FakePanel[],
	activeTextEditor: undefined,
	registerWebviewPanelSerializer: (): Disposable => ({ dispose: () => undefined }),
	createWebviewPanel(): FakePanel {
		const panel = new FakePanel();
		window.panels.push(panel);
		return panel;
	},
};

export const Uri = {
	joinPath: (base: { path: string }, ...parts: string[]) => ({ path: [base.path, ...parts].join('/') }),
};

export const ViewColumn = { Active: -1 };
export const l10n = {
	bundle: undefined as Record<string, string> | undefined,
	t: (text: string, ...values: unknown[]) => text.replace(/\{(\d+)\}/g, (_, index) => String(values[Number(index)])),
};
export const ProgressLocation = { Notification: 15 };
export const env = { clipboard: { writeText: async () => undefined }, language: 'en' };
export const version = '1.125.0';
export class TelemetryTrustedValue {
	readonly value: unknown;
	constructor(value: unknown) {
		this.value = value;
	}
}

export class CancellationError extends Error {
	override name = 'Canceled';
}

export class CancellationTokenSource {
	readonly #emitter = new EventEmitter<void>();
	readonly token = { isCancellationRequested: false, onCancellationRequested: this.#emitter.event };
	cancel(): void {
		this.token.isCancellationRequested = true;
		this.#emitter.fire();
	}
}

export class LanguageModelTextPart {
	readonly value: string;
	constructor(value: string) {
		this.value = value;
	}
}

export class LanguageModelToolResult {
	readonly content: LanguageModelTextPart[];
	constructor(content: LanguageModelTextPart[]) {
		this.content = content;
	}
}

interface Tool {
	prepareInvocation(options: { input: unknown }): {
		invocationMessage?: string;
		confirmationMessages?: { title: string; message: string };
	};
	invoke(options: { input: unknown }, token: CancellationTokenSource['token']): Promise<LanguageModelToolResult>;
}

/** Keeps what is registered; `tools` and `mcpProviders` are ours. */
export const lm = {
	tools: new Map<string, Tool>(),
	mcpProviders: new Set<string>(),
	registerTool(name: string, tool: Tool): Disposable {
		lm.tools.set(name, tool);
		return { dispose: () => lm.tools.delete(name) };
	},
	registerMcpServerDefinitionProvider(id: string): Disposable {
		lm.mcpProviders.add(id);
		return { dispose: () => lm.mcpProviders.delete(id) };
	},
};

export class McpStdioServerDefinition {
	readonly label: string;
	readonly command: string;
	readonly args: string[];
	readonly env: Record<string, string>;
	readonly version: string;
	constructor(label: string, command: string, args: string[], env: Record<string, string>, version: string) {
		[this.label, this.command, this.args, this.env, this.version] = [label, command, args, env, version];
	}
}

const trustGranted = new EventEmitter<void>();
/** `grantTrust` is ours. */
export const workspace = {
	isTrusted: true,
	onDidGrantWorkspaceTrust: trustGranted.event,
	grantTrust: () => trustGranted.fire(),
};
