import type { StoredImage } from '../../src/core/stored-image.ts';
import { el } from '../dom.ts';
import { whenVisible } from '../markdown/when-visible.ts';

/** Larger ones are named, not drawn: 4.5 MB of file, and as many pixels as a large photograph. */
const maxBase64 = 6_000_000;
const maxPixels = 40_000_000;

/**
 * A picture of a stored image, or `null` when it is too large, or its size can't be told beforehand. It is decoded when it
 * comes into sight, from the bytes that were stored: nothing is fetched.
 */
export function imagePreview({ mediaType, base64, width, height }: StoredImage, label: string): HTMLElement | null {
	if (width === null || height === null || width === 0 || height === 0) return null;
	if (base64.length > maxBase64 || width * height > maxPixels) return null;
	const picture = el('img', { class: 'image-preview', alt: label, width, height, decoding: 'async' });
	picture.addEventListener('error', () => picture.remove());
	whenVisible(picture, () => {
		picture.src = `data:${mediaType};base64,${base64}`;
	});
	return picture;
}
