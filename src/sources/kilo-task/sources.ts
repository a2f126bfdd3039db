import type { Source } from '../source.ts';
import { dialects } from './dialects.ts';
import { listRates } from './list-rates.ts';
import { taskFolderSource } from './task-folder-source.ts';

/** The task folders of Kilo Code 5.x, Roo Code, Zoo Code and Cline 3.x, for the import worker. */
export const kiloTaskSources: readonly Source[] = dialects.map((dialect) =>
	taskFolderSource(dialect, { rates: listRates }),
);
