import type { ContentSetting } from '../core/redact.ts';

/** What `--content` takes; the strictest last. */
export const contentSettings = ['full', 'redacted', 'off'] as const satisfies ContentSetting[];

/** A ledger is kept by the setting of the window that it belongs to, or by a stricter one. */
export function strictestOf(a: ContentSetting, b: ContentSetting): ContentSetting {
	return contentSettings.indexOf(a) > contentSettings.indexOf(b) ? a : b;
}
