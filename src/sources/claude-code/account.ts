import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Origin } from '../../core/draft.ts';
import { stampOfFile } from '../jsonl/file-stamp.ts';
import { accountFiles } from './places.ts';

/** The one thing that is read of the account: of what kind it is. */
const accountSchema = z.object({ oauthAccount: z.object({ organizationType: z.string() }) });

/** A settings file larger than this is not looked into. Bytes. */
const maxBytes = 64 << 20;

/**
 * Whether calls are paid by the token or with a plan, from Claude Code's own settings: an account of type `claude_pro`,
 * `claude_max`, `claude_team` or `claude_enterprise` is a plan. Anything else, and no word of it, is the API. Transcripts
 * do not tell, so that this is the account that is signed in when they are read. The file with the keys is not opened.
 */
export class Accounts {
	readonly #known = new Map<string, { stamp: string; billing: Origin['billing'] | null }>();

	billingOf(transcript: string): Origin['billing'] {
		for (const path of accountFiles(transcript)) {
			const billing = this.#read(path);
			if (billing !== null) return billing;
		}
		return 'api';
	}

	#read(path: string): Origin['billing'] | null {
		const stamp = stampOfFile(path)?.stamp;
		if (stamp === undefined) return null;
		const known = this.#known.get(path);
		if (known?.stamp === stamp) return known.billing;
		const billing = readBilling(path, Number(stamp.split('.')[0]));
		this.#known.set(path, { stamp, billing });
		return billing;
	}
}

function readBilling(path: string, bytes: number): Origin['billing'] | null {
	if (bytes > maxBytes) return null;
	try {
		const account = accountSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data?.oauthAccount;
		return account?.organizationType.startsWith('claude_') ? 'subscription' : 'api';
	} catch {
		return null;
	}
}
