import type { Dialect } from './dialect.ts';

const roo = { tokensIn: 'byVersion', live: true, openAiDropsCache: true, sumsDeleted: false } as const;

/** Kilo Code 5.x. Kilo 7 has the same extension id and keeps its sessions in a database, which is another source. */
export const kiloCode: Dialect = {
	...roo,
	id: 'kilo-code',
	title: 'Kilo Code',
	extensionId: 'kilocode.kilo-code',
	storageFolder: 'kilocode.kilo-code',
};

/** Roo Code 3.x. */
export const rooCode: Dialect = {
	...roo,
	id: 'roo-code',
	title: 'Roo Code',
	extensionId: 'RooVeterinaryInc.roo-cline',
	storageFolder: 'rooveterinaryinc.roo-cline',
};

/** Zoo Code, which goes on from Roo Code and writes the same records. */
export const zooCode: Dialect = {
	...roo,
	id: 'zoo-code',
	title: 'Zoo Code',
	extensionId: 'ZooCodeOrganization.zoo-code',
	storageFolder: 'zoocodeorganization.zoo-code',
};

/** Cline 3.x: input without cache, rows that name their model, no exported events. */
export const cline: Dialect = {
	id: 'cline',
	title: 'Cline',
	extensionId: 'saoudrizwan.claude-dev',
	storageFolder: 'saoudrizwan.claude-dev',
	homeFolder: '.cline/data',
	tokensIn: 'exclusive',
	live: false,
	openAiDropsCache: false,
	sumsDeleted: true,
};

/** Every agent that keeps its tasks this way. */
export const dialects: readonly Dialect[] = [kiloCode, rooCode, zooCode, cline];
