import { existsSync } from 'node:fs';
import type { LedgerRegistry } from './registry.ts';

/** A ledger is on the list before its file is made; a window takes this long at most to make it, in milliseconds. */
const makingMs = 60_000;

export interface LedgerClaim {
	/** The ledger that this window would make, absolute. */
	ledger: string;
	/** Folders of the window, symlinks resolved. */
	folders: readonly string[];
	/** What the workspace is called. */
	name: string;
	nowMs: number;
	/** The user named the ledger's folder in the settings. */
	chosen?: boolean;
}

/**
 * The ledger that all windows of these folders use, absolute: the one that is on the list, else that of the window which
 * came first. It is on the list afterwards.
 *
 * @throws what the file system throws when the list cannot be written.
 */
export function agreeOnLedger(registry: LedgerRegistry, { ledger, folders, name, nowMs }: LedgerClaim): string {
	const known = registry.find(folders);
	if (known !== null) {
		if (existsSync(known.ledger) || nowMs - known.registeredAtMs < makingMs) return known.ledger;
		registry.forget(known.ledger);
	}
	registry.register({ ledger, folders: [...folders], name, registeredAtMs: nowMs });
	// Another window may have had the same idea at the same moment: the one that was first is everyone's.
	return registry.find(folders)?.ledger ?? ledger;
}

/**
 * Puts a ledger on the list that this window uses whatever the list says. Several workspaces may share it: their folders
 * add up.
 *
 * @throws what the file system throws when the list cannot be written.
 */
export function listLedger(
	registry: LedgerRegistry,
	{ ledger, folders, name, nowMs, chosen = false }: LedgerClaim,
): void {
	const known = registry.all().find((entry) => entry.ledger === ledger);
	registry.register({
		ledger,
		folders: [...new Set([...(known?.folders ?? []), ...folders])],
		name,
		registeredAtMs: known?.registeredAtMs ?? nowMs,
		...(chosen && { chosen }),
		...(known?.content !== undefined && { content: known.content, prices: known.prices }),
	});
}
