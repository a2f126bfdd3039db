import * as vscode from 'vscode';
import type { LedgerPlace } from './ledger-place.ts';

/** Over figures from this ledger: whose they are. */
export function usageHeading(place: LedgerPlace): string {
	switch (place.holds) {
		case 'workspace':
			return vscode.l10n.t('LLM usage of this workspace');
		case 'windowsWithoutFolder':
			return vscode.l10n.t('LLM usage of windows without a folder');
		case 'allProjects':
			return vscode.l10n.t('LLM usage of all projects');
		case 'namedFolder':
			return vscode.l10n.t('LLM usage of all workspaces that share this ledger');
	}
}

/** Before something is done to all calls of this ledger: whose they are. */
export function whoseCalls(place: LedgerPlace): string {
	switch (place.holds) {
		case 'workspace':
			return vscode.l10n.t('This concerns the calls of this workspace.');
		case 'windowsWithoutFolder':
			return vscode.l10n.t('This concerns the calls of all windows without a folder.');
		case 'allProjects':
			return vscode.l10n.t('This concerns the calls of all projects, not of this one alone.');
		case 'namedFolder':
			return vscode.l10n.t(
				'This concerns all calls in {0}, also those of other workspaces that keep theirs there.',
				place.directory,
			);
	}
}
