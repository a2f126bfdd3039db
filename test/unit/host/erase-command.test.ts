import assert from 'node:assert/strict';
import { before, beforeEach, describe, it } from 'mocha';
import './vscode/register.ts';
import type * as commandsModule from '../../../src/host/ledger-commands.ts';
import type { LedgerPlace } from '../../../src/host/ledger-place.ts';
import type * as wordsModule from '../../../src/host/ledger-words.ts';
import type { CallQuery, Erased, EraseRequest } from '../../../src/ledger/ledger.ts';

const places: Record<LedgerPlace['holds'], LedgerPlace> = {
	workspace: { directory: '/ledgers/a', holds: 'workspace' },
	windowsWithoutFolder: { directory: '/ledgers/b', holds: 'windowsWithoutFolder' },
	allProjects: { directory: '/ledgers/c', holds: 'allProjects' },
	namedFolder: { directory: '/ledgers/team', holds: 'namedFolder' },
};

type Call = { sessionId: string; source: string; agentId: string };

describe('the command that erases', () => {
	let erasePromptContent: typeof commandsModule.erasePromptContent;
	let window: Record<string, unknown>;
	let asked: { placeHolder: string; detail: string };
	let told: string;
	let erased: EraseRequest[];
	let outcome: Partial<Erased>;
	let warned: string;
	let calls: Call[];
	let pick: string;
	let answer: string | undefined;

	before(async () => {
		({ erasePromptContent } = await import('../../../src/host/ledger-commands.ts'));
		const stub = (await import('vscode')) as unknown as { window: typeof window };
		window = stub.window;
	});

	beforeEach(() => {
		[asked, told, erased, calls, answer] = [{ placeHolder: '', detail: '' }, '', [], [], 'Erase'];
		[outcome, warned] = [{}, ''];
		Object.assign(window, {
			showQuickPick: async (items: { label: string }[], options: { placeHolder: string }) => {
				asked.placeHolder = options.placeHolder;
				return items.find(({ label }) => label === pick);
			},
			showWarningMessage: async (text: string, options?: { detail: string }) => {
				if (options === undefined) warned = text;
				else asked.detail = options.detail;
				return answer;
			},
			showInformationMessage: async (text: string) => {
				told = text;
			},
			withProgress: async (_: unknown, work: () => Promise<void>) => work(),
		});
	});

	function run(place: LedgerPlace = places.workspace): Promise<void> {
		const ledger = {
			async calls({ filter, offset, limit }: CallQuery) {
				const rows = calls.filter(({ agentId }) => filter.agentId === undefined || agentId === filter.agentId);
				return { rows: rows.slice(offset, offset + limit), total: rows.length, revision: 1 };
			},
			async erase(request: EraseRequest) {
				erased.push(request);
				const sessions = request.sessionIds?.length ?? 1;
				return { messages: 3 * sessions, sessions, scrubbed: true, setAside: [], ...outcome };
			},
		};
		const service = { ledger: Promise.resolve(ledger), place };
		return erasePromptContent(service as unknown as Parameters<typeof erasePromptContent>[0]);
	}

	it('erases nothing that was not confirmed', async () => {
		[pick, answer] = ['Everything', undefined];
		await run();
		assert.deepEqual(erased, []);
	});

	it('erases the tasks of the scripted model, however many calls there are, and no other', async () => {
		pick = 'Calls of sample tasks';
		const many = Array.from({ length: 1200 }, (_, i) => ({
			sessionId: `task-${i}`,
			source: 'task-loop',
			agentId: 'callmeter',
		}));
		const sample = (sessionId: string) => ({ sessionId, source: 'sample', agentId: 'callmeter' });
		calls = [
			sample('sample-1'),
			sample('sample-1'),
			...many,
			sample('sample-2'),
			{ sessionId: 'kilo-1', source: 'kilo-code', agentId: 'kilo-code' },
		];
		await run();
		assert.deepEqual(erased, [{ what: 'all', sessionIds: ['sample-1', 'sample-2'] }]);
		assert.equal(told, 'Erased 6 texts in 2 tasks.');
	});

	it('says so when words may be left in the files, and does not pass it off as done', async () => {
		[pick, outcome] = ['Everything', { scrubbed: false }];
		await run();
		assert.match(warned, /^Erased 3 texts in 1 tasks\. Another window .* erase again\.$/);
		assert.equal(told, '');
	});

	it('names the files that were set aside, which nothing erases', async () => {
		[pick, outcome] = ['Content of all calls', { setAside: ['/ledgers/a.damaged-1.db', '/ledgers/a.foreign-2.db'] }];
		await run();
		assert.ok(warned.endsWith('Only you can delete them: /ledgers/a.damaged-1.db, /ledgers/a.foreign-2.db'), warned);
	});

	it("says of this workspace's ledger that it is about this workspace", async () => {
		pick = 'Everything';
		await run();
		assert.equal(asked.placeHolder, 'This concerns the calls of this workspace.');
		assert.equal(asked.detail, 'This concerns the calls of this workspace. This cannot be undone.');
		assert.deepEqual(erased, [{ what: 'all' }]);
	});

	it('warns, before and again, that calls of other projects go when the ledger holds them', async () => {
		pick = 'Everything';
		for (const [place, words] of [
			[places.allProjects, /calls of all projects/],
			[places.namedFolder, /all calls in \/ledgers\/team, also those of other workspaces/],
			[places.windowsWithoutFolder, /all windows without a folder/],
		] as const) {
			await run(place);
			assert.match(asked.placeHolder, words);
			assert.match(asked.detail, words);
		}
	});
});

describe('the heading over the figures of a ledger', () => {
	it('names this workspace only where no other calls come together', async () => {
		const { usageHeading }: typeof wordsModule = await import('../../../src/host/ledger-words.ts');
		const headings = Object.values(places).map(usageHeading);
		assert.deepEqual(
			Object.values(places)
				.filter((_, index) => /this workspace/.test(headings[index] ?? ''))
				.map(({ holds }) => holds),
			['workspace'],
		);
		assert.equal(new Set(headings).size, headings.length);
	});
});
