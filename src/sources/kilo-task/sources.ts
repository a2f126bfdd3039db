import type { Source } from '../source.ts';
import { dialects } from './dialects.ts';
import { taskFolderSource } from './task-folder-source.ts';

/** The task folders of Kilo Code 5.x, Roo Code, Zoo Code and Cline 3.x, for the import worker. */
export const kiloTaskSources: readonly Source[] = dialects.map((dialect) =>
	taskFolderSource(dialect, {
		// The price table is large, and few have tasks of these agents.
		rates: { load: async () => (await import('./list-rates.ts')).listRates },
	}),
);
