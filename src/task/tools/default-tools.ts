import { attemptCompletionTool } from './attempt-completion.ts';
import { listFilesTool } from './list-files.ts';
import { readFileTool } from './read-file.ts';
import { searchFilesTool } from './search-files.ts';
import type { Tool } from './tool.ts';

/** What our own loop offers to a model: reading, inside the workspace, and an end. */
export const defaultTools: readonly Tool[] = [listFilesTool, readFileTool, searchFilesTool, attemptCompletionTool];
