import type { ContentSetting } from '../core/redact.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { LedgerRegistry, type LedgerSettings } from '../ledger/registry.ts';
import { registryDirectory, type Surroundings } from '../ledger/registry-place.ts';
import { strictestOf } from './content-settings.ts';

/** How often a ledger that is being written is given what the user has set meanwhile, in milliseconds. */
const followEveryMs = 1_000;

/**
 * The settings that a ledger is kept by: those of the window that it belongs to, or stricter ones. They are read anew
 * each time, since the user may change them while a command runs.
 */
export class KeptSettings {
	readonly #registry: LedgerRegistry;
	readonly #file: string;
	readonly #wanted: ContentSetting;
	/** What a window said last: it holds on while the list of ledgers cannot be read. */
	#said: LedgerSettings | null = null;
	/** The prices that the ledger has, as JSON. */
	#applied: string | undefined;

	/** `wanted`: what is to be kept at most, whatever the window keeps. */
	constructor(surroundings: Surroundings, file: string, wanted: ContentSetting) {
		this.#registry = new LedgerRegistry(registryDirectory(surroundings));
		this.#file = file;
		this.#wanted = wanted;
	}

	/** To open the ledger with. */
	toOpen(): LedgerSettings {
		const settings = this.now();
		this.#applied = JSON.stringify(settings.prices);
		return settings;
	}

	now(): LedgerSettings {
		this.#said = this.#registry.settingsOf(this.#file) ?? this.#said;
		return {
			content: strictestOf(this.#wanted, this.#said?.content ?? 'full'),
			prices: this.#said?.prices,
		};
	}

	/** Has the ledger keep and price what comes from now on as it is set now. Tells how prompts and completions are kept. */
	async apply(ledger: Pick<Ledger, 'setContent' | 'setPriceOverrides'>): Promise<ContentSetting> {
		const { content, prices } = this.now();
		await ledger.setContent(content);
		const told = JSON.stringify(prices);
		if (told !== this.#applied) {
			// The window tells what is wrong with prices; a disk that is away is asked again the next time.
			const taken = await ledger.setPriceOverrides(prices).then(
				() => true,
				() => false,
			);
			if (taken) this.#applied = told;
		}
		return content;
	}

	/** Applies them again and again, until the function that it gives is called. */
	follow(ledger: Pick<Ledger, 'setContent' | 'setPriceOverrides'>): () => void {
		const timer = setInterval(() => void this.apply(ledger).catch(() => undefined), followEveryMs);
		timer.unref();
		return () => clearInterval(timer);
	}
}
