import { kiloDb, opencodeDb } from './kilo-db/kilo-db.ts';
import { kiloTaskSources } from './kilo-task/sources.ts';
import type { Source } from './source.ts';

/** Every source of records there is, in the order in which people see them. */
export const sources: readonly Source[] = [kiloDb, ...kiloTaskSources, opencodeDb];
