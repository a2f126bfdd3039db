import type { ContentPart } from '../../src/core/message.ts';
import { imageIn } from '../../src/core/stored-image.ts';
import { append, el } from '../dom.ts';
import { type IconName, icon } from '../icons.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { foldedText, messageFold } from './folded-text.ts';
import { imagePreview } from './image-preview.ts';
import { jsonView } from './json-view.ts';
import { unfolding } from './unfolding.ts';
import { appendVisible } from './visible-text.ts';

/** One part of a message: text, reasoning, a picture, or the name of what it is. */
export function partView(ui: Ui, part: ContentPart, style: 'markdown' | 'plain'): HTMLElement {
	if (part.type === 'text' && part.text !== undefined) return foldedText(ui, part.text, messageFold, style);
	if (part.type === 'reasoning' && part.text) return reasoningView(ui, part.text, style);
	return placeholder(ui, part);
}

/** What a model thought, apart from what it said, and folded. */
export function reasoningView(ui: Ui, reasoning: string, style: 'markdown' | 'plain'): HTMLElement {
	const length = plural('prompt.characters', reasoning.length, ui.format.count(reasoning.length));
	return unfolding(
		'reasoning',
		[el('span', { text: text('completion.reasoning') }), el('span', { class: 'subtle', text: length })],
		() => [foldedText(ui, reasoning, messageFold, style)],
	);
}

/** A part that is not text: what it is and how big, a preview where there can be one, and what it holds one click away. */
function placeholder(ui: Ui, part: ContentPart): HTMLElement {
	const image = imageIn(part);
	const { kind, label } = image === null ? describe(part) : imageLabel(image.mediaType);
	const name = el('bdi');
	appendVisible(name, label);
	const summary: Node[] = [icon(kind), name];
	if (image !== null && image.width !== null && image.height !== null) {
		summary.push(el('span', { class: 'subtle', text: `${image.width} × ${image.height}` }));
	}
	const data = longestText(part, 0);
	if (data > 1000) {
		// Base64 takes four characters for three bytes.
		summary.push(el('span', { class: 'subtle', text: text('part.size', { size: ui.format.bytes(data * 0.75) }) }));
	}
	const details = unfolding('part', summary, () => [jsonView(part)]);
	const preview = image === null ? null : imagePreview(image, label);
	if (preview === null) return details;
	const element = el('figure', { class: 'image-part' }, preview);
	append(element, details);
	return element;
}

interface Label {
	kind: IconName;
	label: string;
}

function describe(part: ContentPart): Label {
	const type = part.type.slice(0, 100);
	if (/image/i.test(type)) return imageLabel(mediaType(part) ?? type);
	if (/file|document|pdf|audio/i.test(type)) {
		const named = fileName(part) ?? mediaType(part) ?? type;
		return { kind: 'file', label: `${text('part.file')} · ${named}` };
	}
	return { kind: 'question', label: text('part.placeholder', { type }) };
}

function imageLabel(type: string): Label {
	return { kind: 'image', label: `${text('part.image')} · ${type}` };
}

/** What a file is called: Anthropic's `title`, OpenAI's `file.filename`, others' `name`. */
function fileName(part: ContentPart): string | null {
	const { file } = part;
	const inner: object = typeof file === 'object' && file !== null ? file : {};
	for (const place of [part, inner]) {
		for (const [key, value] of Object.entries(place)) {
			if (/^(file_?name|title|name)$/i.test(key) && typeof value === 'string' && value !== '')
				return value.slice(0, 200);
		}
	}
	return null;
}

/** The media type as Anthropic (`source.media_type`), Gemini (`mimeType`) and data URLs (`image_url.url`) write it. */
function mediaType(part: ContentPart): string | null {
	return /\b(?:image|audio|application|text|video)\/[\w.+-]{1,60}/.exec(jsonHead(part, 0))?.[0] ?? null;
}

/** The first characters of each text in a value. */
function jsonHead(value: unknown, depth: number): string {
	if (typeof value === 'string') return `${value.slice(0, 100)} `;
	if (typeof value !== 'object' || value === null || depth > 4) return '';
	return Object.values(value)
		.slice(0, 20)
		.map((member) => jsonHead(member, depth + 1))
		.join('');
}

function longestText(value: unknown, depth: number): number {
	if (typeof value === 'string') return value.length;
	if (typeof value !== 'object' || value === null || depth > 4) return 0;
	return Math.max(
		0,
		...Object.values(value)
			.slice(0, 100)
			.map((member) => longestText(member, depth + 1)),
	);
}
