import type { Message } from '../../core/message.ts';

/** The text of a message; parts without text are left out. */
export function textOf({ content }: Message): string {
	if (typeof content === 'string') return content;
	return content.map(({ type, text }) => (type === 'reasoning' ? '' : (text ?? ''))).join('');
}

/** Tool arguments as the text that a model wrote. */
export function argumentsText(value: unknown): string {
	return typeof value === 'string' ? value : (JSON.stringify(value) ?? '{}');
}
