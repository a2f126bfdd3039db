import type { ContentPart } from './message.ts';

/** The image formats that a browser draws and that can do nothing else. SVG is not among them: it is a document. */
export type RasterType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

/** An image that lies in a content part. */
export interface StoredImage {
	/** Read from its first bytes, whatever the part says of it. */
	mediaType: RasterType;
	base64: string;
	/** Size in pixels, from its head; `null`: not found in the first bytes. */
	width: number | null;
	height: number | null;
}

/** The beginnings of the formats, in Base64. */
const beginnings: [string, RasterType][] = [
	['iVBORw0KGgo', 'image/png'],
	['/9j/', 'image/jpeg'],
	['R0lGOD', 'image/gif'],
	['UklGR', 'image/webp'],
];
/** Enough for the size of any of the formats, unless a JPEG has a large preview of its own before it. */
const headBase64 = 88_000;
const maxDepth = 4;

/**
 * The raster image in a content part, whichever way its provider writes it: Anthropic's `source.data`, OpenAI's
 * `image_url`, Gemini's `inlineData`, MCP's `data`. `null`: there is none, or only an address of one.
 */
export function imageIn(part: ContentPart): StoredImage | null {
	if (part.type === 'text') return null;
	return search(part, 0);
}

function search(value: unknown, depth: number): StoredImage | null {
	if (typeof value === 'string') return imageOf(value);
	if (typeof value !== 'object' || value === null || depth > maxDepth) return null;
	for (const member of Object.values(value).slice(0, 50)) {
		const found = search(member, depth + 1);
		if (found !== null) return found;
	}
	return null;
}

function imageOf(text: string): StoredImage | null {
	const head = /^data:image\/[\w.+-]{1,40};base64,/.exec(text.slice(0, 100))?.[0] ?? '';
	const base64 = head === '' ? text : text.slice(head.length);
	const mediaType = beginnings.find(([beginning]) => base64.startsWith(beginning))?.[1];
	// A short text that only begins like one is no image.
	if (mediaType === undefined || base64.length < 40 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
	const bytes = bytesOf(base64.slice(0, headBase64));
	// Sounds begin as WebP does.
	if (mediaType === 'image/webp' && String.fromCharCode(...bytes.subarray(8, 12)) !== 'WEBP') return null;
	const size = sizeOf(mediaType, bytes);
	return { mediaType, base64, width: size?.[0] ?? null, height: size?.[1] ?? null };
}

function bytesOf(base64: string): Uint8Array {
	const text = atob(base64.slice(0, base64.length - (base64.length % 4)));
	return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

function sizeOf(type: RasterType, bytes: Uint8Array): [number, number] | null {
	const view = new DataView(bytes.buffer);
	try {
		switch (type) {
			case 'image/png':
				return [view.getUint32(16), view.getUint32(20)];
			case 'image/gif':
				return [view.getUint16(6, true), view.getUint16(8, true)];
			case 'image/webp':
				return webpSize(view);
			case 'image/jpeg':
				return jpegSize(view);
		}
	} catch {
		return null;
	}
}

/** The three kinds of WebP: RFC 9649, sections 2.5 to 2.7. */
function webpSize(view: DataView): [number, number] | null {
	switch (view.getUint8(15)) {
		case 0x58: // VP8X: 24 bits each, less one.
			return [1 + (view.getUint32(24, true) & 0xffffff), 1 + (view.getUint32(26, true) >>> 8)];
		case 0x4c: {
			// VP8L: 14 bits each, less one.
			const bits = view.getUint32(21, true);
			return [1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff)];
		}
		case 0x20: // VP8: 14 bits each.
			return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
		default:
			return null;
	}
}

/** Goes from segment to segment up to the frame header (ITU T.81, annex B). */
function jpegSize(view: DataView): [number, number] | null {
	for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
		const marker = view.getUint8(at + 1);
		const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
		if (frame) return [view.getUint16(at + 7), view.getUint16(at + 5)];
	}
	return null;
}
