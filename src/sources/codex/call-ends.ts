/** How a call ended, where no counts tell that it ended well. */
export interface CallEnd {
	state: 'ok' | 'error' | 'cancelled';
	error: { message: string; code: string } | null;
}

export const served: CallEnd = { state: 'ok', error: null };
export const cut: CallEnd = {
	state: 'error',
	error: { message: 'The stream was cut and Codex asked again.', code: 'cut' },
};
export const aborted: CallEnd = { state: 'cancelled', error: null };
export const interrupted: CallEnd = {
	state: 'error',
	error: { message: 'Codex ended before the answer did.', code: 'interrupted' },
};
