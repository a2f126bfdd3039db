import * as vscode from 'vscode';
import type { AddressProblem } from '../telemetry/otlp-target.ts';

/** What is wrong with the receiver of the settings, and what to do, for a person. */
export function telemetryProblem(problem: AddressProblem): string {
	const setting = 'callmeter.telemetry.endpoint';
	switch (problem) {
		case 'notAUrl':
			return vscode.l10n.t(
				'The setting {0} must be an address that begins with https://. No telemetry is sent.',
				setting,
			);
		case 'notHttps':
			return vscode.l10n.t(
				'The address in the setting {0} must begin with https://; http:// is for receivers on this machine alone. No telemetry is sent.',
				setting,
			);
		case 'hasCredentials':
		case 'hasQuery':
			return vscode.l10n.t(
				'The address in the setting {0} must hold no user name, password or query. Keys belong into LLM Usage: Set Telemetry Headers…. No telemetry is sent.',
				setting,
			);
	}
}
