import * as vscode from 'vscode';

const section = 'callmeter.server';
const defaultPort = 47_318;
const highestPort = 65_535;

/** The settings of the local server, which only the user makes: they have machine scope. */
export class ServerSettings {
	/** The server starts with each window. */
	get enabled(): boolean {
		return this.#get('enabled') === true;
	}

	/** What is no port counts as the default. */
	get port(): number {
		const value = this.#get('port');
		const isPort = typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= highestPort;
		return isPort ? value : defaultPort;
	}

	/** The server answers the HTTP API. */
	get api(): boolean {
		return this.#get('api') === true;
	}

	/** The server takes OTLP. */
	get otlp(): boolean {
		return this.#get('otlp') === true;
	}

	/** The server hands requests on to providers. */
	get proxy(): boolean {
		return this.#get('proxy') === true;
	}

	/** Base URLs of providers by name, as they are written. */
	get proxyTargets(): Readonly<Record<string, unknown>> {
		const value = this.#get('proxyTargets');
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
	}

	/** For this machine, from now on. */
	setEnabled(on: boolean): Thenable<void> {
		return vscode.workspace.getConfiguration(section).update('enabled', on, vscode.ConfigurationTarget.Global);
	}

	setOtlp(on: boolean): Thenable<void> {
		return vscode.workspace.getConfiguration(section).update('otlp', on, vscode.ConfigurationTarget.Global);
	}

	/** Calls the listener when one of them may have changed. */
	onDidChange(listener: () => void): vscode.Disposable {
		return vscode.workspace.onDidChangeConfiguration((event) => {
			if (event.affectsConfiguration(section)) listener();
		});
	}

	#get(name: string): unknown {
		return vscode.workspace.getConfiguration(section).get<unknown>(name);
	}
}
