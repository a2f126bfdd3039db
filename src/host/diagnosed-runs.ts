import type * as vscode from 'vscode';

const key = 'callmeter.diagnostics.runs';
/** Runs that are remembered at most; the oldest choice goes first. */
const maxRuns = 200;

/** The runs that a person switched diagnostics on for, kept with the workspace. */
export class DiagnosedRuns {
	readonly #memory: vscode.Memento;

	constructor(memory: vscode.Memento) {
		this.#memory = memory;
	}

	has(runId: string): boolean {
		return this.#runs.includes(runId);
	}

	async set(runId: string, on: boolean): Promise<void> {
		const others = this.#runs.filter((each) => each !== runId);
		await this.#memory.update(key, on ? [...others, runId].slice(-maxRuns) : others);
	}

	get #runs(): string[] {
		const kept: unknown = this.#memory.get(key);
		return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
	}
}
