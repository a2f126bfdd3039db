import type { Origin, Protocol } from '../../core/draft.ts';
import { protocolOf } from './counts.ts';
import type { Usage } from './events.ts';

/** Whom a call goes to, and how it is paid. */
export interface Target {
	provider: string;
	model: string;
	protocol: Protocol;
	billing: NonNullable<Origin['billing']>;
}

/** Copilot's own service, as prices know it. */
const copilot = { provider: 'github-copilot', protocol: null, billing: 'subscription' } as const;

/** Providers that are only ever called with the user's own key. */
const apiProviders: ReadonlySet<string> = new Set(['openai', 'azure', 'anthropic']);

/** Follows which model is chosen, and where the calls of a session go. */
export class Targets {
	model = 'unknown';
	#last: Omit<Target, 'model'> = copilot;

	/** Where the last call went, to the model that is chosen now. */
	next(model = this.model): Target {
		return { ...this.#last, model };
	}

	/** With the user's own key a call goes to its provider and is paid there; else it is part of a Copilot plan. */
	of(usage: Usage): Target {
		const { isByok, providerType, model } = usage;
		const hasOwnKey = isByok ?? (providerType !== undefined && apiProviders.has(providerType));
		const protocol = protocolOf(usage);
		this.#last = hasOwnKey
			? { provider: providerType ?? 'unknown', protocol, billing: 'api' }
			: { ...copilot, protocol };
		return this.next(model);
	}
}
