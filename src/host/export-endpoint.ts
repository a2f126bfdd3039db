import * as vscode from 'vscode';
import { otlpAddress, parseHeaders } from '../telemetry/otlp-target.ts';

/** Where spans are sent, for this one time. */
export interface ExportEndpoint {
	url: string;
	origin: string;
	headers: Record<string, string>;
}

/** Asks for the receiver and for the headers that it wants; `undefined`: the person changed their mind. */
export async function askEndpoint(secrets: vscode.SecretStorage): Promise<ExportEndpoint | undefined> {
	const text = await vscode.window.showInputBox({
		title: vscode.l10n.t('Export: to which OpenTelemetry receiver?'),
		prompt: vscode.l10n.t('The address of OTLP over HTTP. Nothing is sent before you have agreed to it.'),
		placeHolder: 'http://localhost:4318',
		ignoreFocusOut: true,
		validateInput: (value) => (value.trim() === '' ? null : problemOf(value)),
	});
	const address = text === undefined || text.trim() === '' ? undefined : otlpAddress(text, 'traces');
	if (address === undefined || 'problem' in address) return undefined;
	const headers = await askHeaders(secrets, address.origin);
	return headers && { ...address, headers };
}

/** Headers are kept for one origin, in VS Code's secret storage: a key never goes to another. */
async function askHeaders(secrets: vscode.SecretStorage, origin: string): Promise<Record<string, string> | undefined> {
	const name = `callmeter.export.headers:${origin}`;
	const kept = await secrets.get(name);
	const text = await vscode.window.showInputBox({
		title: vscode.l10n.t('Export: headers for {0}', origin),
		prompt: vscode.l10n.t(
			"name=value, more after a comma; empty for none. Kept in VS Code's secret storage, for this receiver only.",
		),
		password: true,
		ignoreFocusOut: true,
		...(kept !== undefined && { value: kept }),
		validateInput: (value) =>
			parseHeaders(value) === null ? vscode.l10n.t('Write name=value, more after a comma.') : null,
	});
	if (text === undefined) return undefined;
	if (text.trim() === '') await secrets.delete(name);
	else await secrets.store(name, text);
	return parseHeaders(text) ?? undefined;
}

function problemOf(text: string): string | null {
	const address = otlpAddress(text, 'traces');
	if (!('problem' in address)) return null;
	switch (address.problem) {
		case 'notAUrl':
			return vscode.l10n.t('Write an address, such as https://collector.example.com.');
		case 'notHttps':
			return vscode.l10n.t('It must be https, unless it is this machine.');
		case 'hasCredentials':
		case 'hasQuery':
			return vscode.l10n.t('Leave name, password and query out: a key goes into a header, which is asked for next.');
	}
}
