import assert from 'node:assert/strict';
import { imageIn } from '../../../src/core/stored-image.ts';

const base64 = (...bytes: number[]) => Buffer.from([...bytes, ...new Array(40).fill(0)]).toString('base64');

const png = base64(
	0x89,
	0x50,
	0x4e,
	0x47,
	13,
	10,
	26,
	10,
	0,
	0,
	0,
	13,
	0x49,
	0x48,
	0x44,
	0x52,
	0,
	0,
	1,
	0,
	0,
	0,
	0,
	64,
);
const gif = base64(...Buffer.from('GIF89a'), 0x40, 1, 0xf0, 0);
const jpeg = base64(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xc0, 0, 11, 8, 0, 100, 0, 200);
const riff = (kind: string, ...rest: number[]) =>
	base64(...Buffer.from('RIFF'), 0, 0, 0, 0, ...Buffer.from(kind), ...rest);

describe('finding the image in a content part', () => {
	it('reads format and size from its bytes', () => {
		const sizes = [
			[png, 'image/png', 256, 64],
			[gif, 'image/gif', 320, 240],
			[jpeg, 'image/jpeg', 200, 100],
			[riff('WEBPVP8X', 10, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 49, 0, 0), 'image/webp', 100, 50],
			[riff('WEBPVP8L', 0, 0, 0, 0, 0x2f, 99, 0x40, 12, 0), 'image/webp', 100, 50],
			[riff('WEBPVP8 ', 0, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 100, 0, 50, 0), 'image/webp', 100, 50],
		] as const;
		for (const [data, mediaType, width, height] of sizes) {
			assert.deepEqual(imageIn({ type: 'image', data }), { mediaType, base64: data, width, height }, mediaType);
		}
	});

	it('finds it whichever way a provider writes it', () => {
		for (const part of [
			{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
			{ type: 'image_url', image_url: { url: `data:image/png;base64,${png}`, detail: 'high' } },
			{ type: 'input_image', image_url: `data:image/png;base64,${png}` },
			{ type: 'inline', inlineData: { mimeType: 'image/png', data: png } },
			{ type: 'image', data: png, mimeType: 'image/png' },
			{ type: 'tool_result_image', content: [{ image: { source: { bytes: png } } }] },
		])
			assert.equal(imageIn(part)?.base64, png, part.type);
	});

	it('takes nothing else for one', () => {
		const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>').toString('base64');
		for (const part of [
			{ type: 'image', source: { type: 'url', url: 'https://a.example/x.png' } },
			{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: svg } },
			{ type: 'image', data: `data:image/svg+xml;base64,${svg}` },
			{ type: 'image', data: `${png}" onerror="x` },
			{ type: 'audio', data: riff('WAVE') },
			{ type: 'image', data: 'iVBORw0KGgo' },
			{ type: 'image', data: '/9j/' },
			{ type: 'text', text: png },
			{ type: 'image' },
		])
			assert.equal(imageIn(part), null, JSON.stringify(part).slice(0, 80));
	});

	it('says that it does not know the size of a damaged one', () => {
		const cut = Buffer.from(jpeg, 'base64').fill(0xff, 4).toString('base64');
		assert.deepEqual(
			[imageIn({ type: 'image', data: cut })?.width, imageIn({ type: 'image', data: cut })?.height],
			[null, null],
		);
	});
});
