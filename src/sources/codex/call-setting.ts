import { firstText, peek } from '../../core/foreign.ts';

/** What held for a call when it began. */
export interface CallSetting {
	model: string;
	folder: string | null;
	mode: string | null;
	reasoningEffort: string | null;
	/** As Codex names it; `default` is the standard one. */
	serviceTier: string | null;
}

export const unknownSetting: CallSetting = {
	model: 'unknown',
	folder: null,
	mode: null,
	reasoningEffort: null,
	serviceTier: null,
};

/** After a `turn_context`. */
export function settingOfTurn(payload: unknown, before: CallSetting): CallSetting {
	const collaboration = peek(payload, 'collaboration_mode');
	return {
		model: firstText(peek(payload, 'model')) ?? before.model,
		folder: firstText(peek(payload, 'cwd')) ?? before.folder,
		mode: firstText(peek(collaboration, 'mode'), collaboration),
		reasoningEffort: firstText(peek(payload, 'effort'), peek(peek(collaboration, 'settings'), 'reasoning_effort')),
		serviceTier: firstText(peek(payload, 'service_tier')) ?? before.serviceTier,
	};
}

/** After `thread_settings_applied`, which the user's choice of another model or tier leaves. */
export function settingAsApplied(payload: unknown, before: CallSetting): CallSetting {
	const settings = peek(payload, 'thread_settings') ?? payload;
	const model = firstText(peek(settings, 'model')) ?? before.model;
	return { ...before, model, serviceTier: firstText(peek(settings, 'service_tier')) };
}
