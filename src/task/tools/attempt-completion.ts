import * as z from 'zod';
import { defineTool } from './tool.ts';

/** Ends the task. The loop stops after it and gives `result` to whoever started the task. */
export const attemptCompletionTool = defineTool(
	'attempt_completion',
	'Call this once the task is done. It ends the task.',
	z.object({ result: z.string().min(1).describe('What was done or found, in Markdown') }),
	async ({ result }) => result,
);
