import type { IncomingMessage } from 'node:http';

/** A body over this is refused, as it is sent and when it is inflated. Bytes. */
export const maxBodyBytes = 16 << 20;
export const tooLargeText = `The body is larger than ${maxBodyBytes >> 20} MB.`;
/** How long nothing may come of a body that has begun, in milliseconds. */
const defaultIdleMs = 30_000;

/**
 * Hands a request's body on, chunk by chunk, as it comes.
 *
 * @param write takes a chunk, which stays the caller's only until it returns; `false`: there is no room for it
 * @returns `whole`, or why the rest is not read. `gone`: the client went away
 */
export function passBody(
	request: IncomingMessage,
	write: (chunk: Buffer) => boolean,
	{ idleMs = defaultIdleMs }: { idleMs?: number } = {},
): Promise<'whole' | 'tooLarge' | 'busy' | 'slow' | 'gone'> {
	return new Promise((resolve) => {
		let bytes = 0;
		const end = (how: 'whole' | 'tooLarge' | 'busy' | 'slow' | 'gone') => {
			clearTimeout(timer);
			request.off('data', take).off('end', whole).off('close', gone).off('error', gone);
			if (how !== 'whole') request.pause();
			resolve(how);
		};
		const timer = setTimeout(() => end('slow'), idleMs);
		const take = (chunk: Buffer) => {
			timer.refresh();
			bytes += chunk.length;
			if (bytes > maxBodyBytes) end('tooLarge');
			else if (!write(chunk)) end('busy');
		};
		const whole = () => end('whole');
		const gone = () => end('gone');
		request.on('data', take).on('end', whole).on('close', gone).on('error', gone);
	});
}

/** Whether the sender says beforehand that it sends too much. */
export function saysTooLarge({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
	return Number(headers['content-length']) > maxBodyBytes;
}
