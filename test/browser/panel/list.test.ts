import assert from 'node:assert/strict';
import { DevBrowser, picture } from '../dev-page/open-dev-page.ts';
import { PromptsDriver, type PromptsOptions } from './prompts-driver.ts';

let browser: DevBrowser;
let prompts: PromptsDriver;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());

/** Opens the page once for the tests of a group: each goes on where the one before it ended. */
function opened(options: PromptsOptions = {}): void {
	before(async () => {
		prompts = await PromptsDriver.open(browser, options);
	});
	after(() => prompts.close());
}

const callsAlone = { prompts: { byTask: false } };

describe('the timeline', () => {
	describe('by task', () => {
		opened();

		it('story 4.1: paired events show as one expandable row, with icons, model, provider, messages, tokens, cost', async () => {
			const cells = await prompts.calls.first().getByRole('gridcell').allTextContents();
			assert.equal(cells.length, 7);
			assert.match(cells[0] ?? '', /🧠.*💬/);
			assert.match(cells[1] ?? '', /\w+/);
			assert.match(cells[2] ?? '', /^\d+ msgs?$/);
			assert.match(cells[4] ?? '', /→/);
			assert.match(cells[5] ?? '', /\$|unpriced/);
			assert.match(cells[6] ?? '', /\d:\d\d/);
			assert.equal(await prompts.calls.first().getAttribute('aria-expanded'), 'false');
		});

		it('story 4.1: the duration badge shows the latency of the response', async () => {
			const id = await prompts.idOf(prompts.calls.nth(3));
			const latencyMs = await prompts.page.evaluate((id) => window.devHost.ledger.find(id)?.latencyMs ?? 0, id);
			const badge = (await prompts.calls.nth(3).locator('.duration-badge').textContent()) ?? '';
			assert.ok(Math.abs(Number.parseFloat(badge) * (badge.includes('ms') ? 1 : 1000) - latencyMs) < 100, badge);
		});

		it('story 4.1: calls have an icon and a colour of their own, indigo from the theme', async () => {
			const colours = await prompts.page.evaluate(() => {
				const colourOf = (selector: string) =>
					getComputedStyle(document.querySelector(selector) ?? document.body).color;
				const sample = document.createElement('span');
				sample.style.color = 'var(--vscode-charts-purple)';
				document.body.append(sample);
				const purple = getComputedStyle(sample).color;
				sample.remove();
				return { purple, pair: colourOf('.rows .row.call .pair'), text: colourOf('.rows .row.call .call-model') };
			});
			assert.equal(colours.pair, colours.purple);
			assert.notEqual(colours.pair, colours.text);
		});

		it('puts each task above its calls: title, agent, calls, tokens, cost, time', async () => {
			const task = prompts.line(1);
			assert.match((await task.getAttribute('class')) ?? '', /task/);
			assert.match((await task.locator('.task-title').textContent()) ?? '', /\w/);
			assert.match((await task.locator('.task-agent').textContent()) ?? '', /\w/);
			assert.match((await task.locator('.task-calls').textContent()) ?? '', /^\d+ calls?$/);
			assert.match((await task.locator('.cell-tokens').textContent()) ?? '', /→/);
			assert.match((await task.locator('.cell-cost').textContent()) ?? '', /\$|unpriced/);
			assert.match((await task.locator('.cell-time').textContent()) ?? '', /\d:\d\d/);
		});

		it("nests a subagent's task among the calls of its parent, and tells levels", async () => {
			const lines = await prompts.page.locator('.rows .row:not([hidden])').evaluateAll((elements) =>
				elements.map((element) => ({
					task: element.classList.contains('task'),
					level: Number(element.getAttribute('aria-level')),
					x: element.querySelector('.cell-call')?.getBoundingClientRect().left ?? 0,
				})),
			);
			assert.deepEqual(
				lines.slice(0, 3).map(({ task, level }) => [task, level]),
				[
					[true, 1],
					[true, 2],
					[false, 3],
				],
			);
			const after = lines.findIndex(({ task, level }) => !task && level === 2);
			assert.ok(after > 2, 'the calls of the parent go on below those of the subagent');
			assert.ok((lines[2]?.x ?? 0) > (lines[after]?.x ?? 0), 'a deeper level is set in');
			assert.match((await prompts.line(2).locator('.cell-pair').textContent()) ?? '', /subagent/);
		});

		it('sums a task with unpriced calls as at least that much', async () => {
			const sums = await prompts.tasks.evaluateAll((elements) =>
				elements.map((element) => element.querySelector('.cell-cost')?.textContent ?? ''),
			);
			assert.ok(
				sums.some((sum) => /^≥ \$.*unpriced$/.test(sum)),
				sums.join(' | '),
			);
		});

		it('folds and unfolds a task where it stands, and keeps that', async () => {
			const before = await prompts.line(1).boundingBox();
			const lines = Number(await prompts.grid.getAttribute('aria-rowcount'));
			await prompts.line(1).click();
			await prompts.line(1).and(prompts.page.locator('[aria-expanded="false"]')).waitFor();
			assert.ok(Number(await prompts.grid.getAttribute('aria-rowcount')) < lines);
			assert.match((await prompts.line(2).getAttribute('class')) ?? '', /task/, 'the next task follows');
			assert.deepEqual(await prompts.line(1).boundingBox(), before);
			await prompts.shows(300);
			assert.equal((await prompts.kept()).prompts.closed.length, 1);
			await prompts.line(1).click();
			await prompts.page.locator(`[role="treegrid"][aria-rowcount="${lines}"]`).waitFor();
			assert.deepEqual((await prompts.kept()).prompts.closed, []);
		});

		it('unfolds a call in place: start of prompt and completion, tools called, and the way to all of it', async () => {
			const call = prompts.calls.nth(3);
			const id = await prompts.idOf(call);
			const y = await prompts.yOf(id);
			await call.locator('.chevron').click();
			const below = call.locator('.unfolded');
			await below.locator('[data-place="prompt"]').waitFor();
			assert.equal(await call.getAttribute('aria-expanded'), 'true');
			assert.equal(await prompts.yOf(id), y, 'the line stays where it is');
			assert.match((await below.locator('[data-place="prompt"] .unfolded-head').textContent()) ?? '', /Prompt · \w+/);
			await below.locator('[data-place="completion"]').getByText('The retry test is flaky').waitFor();
			await below.locator('.unfolded-tools').getByText('read_file').waitFor();
			assert.ok(await prompts.page.locator('.detail').isHidden());
			await picture(prompts.page, 'dev-unfolded');
		});

		it('story 4.1: fenced code of an unfolded call is highlighted', async () => {
			const code = prompts.page.locator('.unfolded [data-place="completion"] .code-block');
			await code.first().waitFor();
			const colours = await code
				.first()
				.locator('*')
				.evaluateAll((spans) => new Set(spans.map((span) => getComputedStyle(span).color)).size);
			assert.ok(colours > 1, `${colours} colours`);
		});

		it('story 4.1: long prompts are cut with "show more", which fetches more', async () => {
			const part = prompts.page.locator('.unfolded [data-place="prompt"]').first();
			const shown = async () => ((await part.textContent()) ?? '').length;
			const before = await shown();
			const more = part.getByRole('button', { name: /Show more \(.* left\)/ });
			await more.click();
			await more.waitFor({ state: 'detached' });
			assert.ok((await shown()) > before);
			assert.deepEqual(
				(await prompts.asked('preview')).map(({ length }) => length),
				[1_500, 20_000],
			);
		});

		it('story 4.1: full prompt and completion are one press away from an unfolded call', async () => {
			await prompts.page.locator('.unfolded').getByRole('button', { name: 'Open details' }).click();
			await prompts.page.locator('.detail .bubble').first().waitFor();
			await prompts.press('Escape');
			await prompts.page.locator('.detail').waitFor({ state: 'hidden' });
			assert.ok(await prompts.listFocused());
		});

		it('does not move what is read when something above it is unfolded, renewed, or folded', async () => {
			await prompts.scrollTo(3000);
			const read = await prompts.reading();
			await prompts.begin();
			await prompts.page.locator('.new-pill').waitFor();
			const now = await prompts.reading();
			assert.deepEqual([now?.name, now?.y], [read?.name, read?.y]);
			// Back to the unfolded call, whose part comes into the page above what is read.
			for (let step = 0; step < 12; step++) {
				const before = await prompts.reading();
				await prompts.page.mouse.move(640, 500);
				await prompts.page.mouse.wheel(0, -200);
				await prompts.frames();
				await prompts.frames();
				const name = before?.name ?? '';
				const y = await prompts.page.evaluate((name) => {
					const head = document.querySelector('.list-head')?.getBoundingClientRect().bottom ?? 0;
					const line = [...document.querySelectorAll('.rows .row:not([hidden])')].find(
						(element) => `${element.className} ${element.querySelector('time')?.getAttribute('datetime')}` === name,
					);
					return line === undefined ? null : Math.round(line.getBoundingClientRect().top - head);
				}, name);
				if (y !== null) assert.ok(Math.abs(y - (before?.y ?? 0) - 200) <= 1, `${before?.y} → ${y}`);
			}
		});
	});

	describe('without tasks', () => {
		opened({ calls: 420, state: callsAlone });

		it('says the title of its task in each row', async () => {
			assert.equal(await prompts.tasks.count(), 0);
			assert.equal(await prompts.line(1).getAttribute('aria-level'), '1');
			assert.match((await prompts.line(1).locator('.call-title').textContent()) ?? '', /\w \w/);
		});

		it('says unpriced, never $0, for a call without a price', async () => {
			const texts: string[] = [];
			await prompts.focusList();
			while (!texts.includes('unpriced') || texts.length < 300) {
				texts.push(...(await prompts.page.locator('.rows .row .cell-cost').allTextContents()));
				await prompts.press('PageDown');
			}
			assert.ok(texts.every((text) => !/\$0(\.0+)?$/.test(text)));
		});

		it('tells states and duplicates apart by text and shape', async () => {
			await prompts.press('Home');
			await prompts.begin();
			await prompts.line(1).and(prompts.page.locator('[data-state="pending"]')).waitFor();
			const seen = new Map<string, { text: string; shape: string }>();
			let duplicates = 0;
			for (let screen = 0; screen < 40 && (seen.size < 6 || duplicates === 0); screen++) {
				const states = await prompts.page.locator('.rows .row[data-state]').evaluateAll((rows) =>
					rows.map((element) => ({
						state: element.getAttribute('data-state') ?? '',
						text: element.querySelector('.cell-pair .sr-only')?.textContent ?? '',
						shape: element.querySelector('.pair-state svg')?.getAttribute('class') ?? '',
						duplicate: element.querySelector('.call-state[data-duplicate]:not([hidden])')?.textContent ?? '',
					})),
				);
				for (const { state, text, shape, duplicate } of states) {
					seen.set(state, { text, shape });
					if (duplicate === 'Possible duplicate') duplicates++;
				}
				await prompts.press('PageDown');
			}
			for (const state of ['pending', 'ok', 'error', 'cancelled', 'usageMissing', 'orphan'])
				assert.ok(seen.has(state), state);
			assert.equal(new Set([...seen.values()].map(({ text }) => text)).size, seen.size);
			assert.equal(new Set([...seen.values()].map(({ shape }) => shape)).size, seen.size);
			assert.ok(duplicates > 0);
		});

		it('names the kind of a call that is not a chat', async () => {
			await prompts.press('Home');
			const kinds = await prompts.page.locator('.call-kind:visible').allTextContents();
			assert.ok(kinds.length > 0);
			assert.ok(
				kinds.every((kind) => ['Subagent', 'Condense', 'Title', 'Tool'].includes(kind)),
				kinds.join(),
			);
		});

		it('marks the calls of the sample task, in the list, the details and the cost', async () => {
			await prompts.page.evaluate(() => window.devHost.makeSamples(5));
			const samples = prompts.calls.filter({ has: prompts.page.locator('.badge.sample:visible') });
			await samples.nth(4).waitFor();
			assert.equal(await samples.count(), 5);
			await samples
				.filter({ has: prompts.page.locator('[data-kind="priced"]') })
				.first()
				.click();
			await prompts.page.locator('.detail-summary .badge.sample').waitFor();
			await prompts.page.locator('#tab-metadata').click();
			await prompts.page.locator('.cost-section').getByText('Scripted: nobody was billed.').waitFor();
			await prompts.line(6).click();
			await prompts.page.locator('.detail-summary .badge.sample').waitFor({ state: 'detached' });
		});
	});

	describe('by keyboard', () => {
		opened({ delayMs: 5 });

		it('moves with the arrow keys, Page Up and Down, Home and End, and never loses focus', async () => {
			await prompts.focusList();
			await prompts.press('ArrowDown');
			assert.equal(await prompts.activeLine(), 1);
			await prompts.press('ArrowDown', 'ArrowDown');
			assert.equal(await prompts.activeLine(), 3);
			await prompts.press('ArrowUp');
			assert.equal(await prompts.activeLine(), 2);
			await prompts.press('PageDown');
			assert.ok((await prompts.activeLine()) > 5);
			await prompts.press('PageUp');
			assert.equal(await prompts.activeLine(), 2);
			await prompts.press('End');
			const last = Number(await prompts.grid.getAttribute('aria-rowcount')) - 1;
			await prompts.line(last).and(prompts.page.locator('[data-active]')).waitFor();
			assert.ok(await prompts.line(last).isVisible());
			await prompts.press('Home');
			assert.equal(await prompts.activeLine(), 1);
			assert.ok(await prompts.listFocused());
		});

		it('unfolds with Right, folds with Left, and goes to the task from its calls', async () => {
			await prompts.press('Home', 'ArrowDown', 'ArrowDown', 'ArrowDown');
			const call = prompts.line(4);
			await prompts.press('ArrowRight');
			await call.locator('.unfolded [data-place]').first().waitFor();
			assert.equal(await call.getAttribute('aria-expanded'), 'true');
			await prompts.press('ArrowLeft');
			await call.locator('.unfolded').waitFor({ state: 'detached' });
			await prompts.press('ArrowLeft');
			assert.equal(await prompts.activeLine(), 2, 'the task of the subagent');
			await prompts.press('ArrowLeft');
			await prompts.line(2).and(prompts.page.locator('[aria-expanded="false"]')).waitFor();
			assert.equal(await prompts.activeLine(), 2);
			await prompts.press('ArrowLeft');
			assert.equal(await prompts.activeLine(), 1, 'the task that it is a part of');
			await prompts.press('ArrowDown', 'ArrowRight');
			await prompts.line(2).and(prompts.page.locator('[aria-expanded="true"]')).waitFor();
			await prompts.press('ArrowRight');
			assert.equal(await prompts.activeLine(), 3, 'the first of its calls');
			await prompts.press(' ');
			await prompts.line(3).locator('.unfolded [data-place]').first().waitFor();
			await prompts.press(' ');
			await prompts.line(3).locator('.unfolded').waitFor({ state: 'detached' });
		});

		it('reaches the buttons of the active line with Tab, and comes back with Escape', async () => {
			await prompts.press('Home', 'ArrowDown', 'ArrowDown', 'ArrowRight');
			await prompts.line(3).locator('.unfolded .open-call').waitFor();
			const focused = () =>
				prompts.page.evaluate(() => document.activeElement?.closest('.row')?.getAttribute('aria-rowindex') ?? '');
			for (let tabs = 0; tabs < 8 && (await focused()) !== '4'; tabs++) await prompts.press('Tab');
			assert.equal(await focused(), '4');
			await prompts.scrollTo(6000);
			assert.equal(await focused(), '4', 'the focus stays in its line, also out of sight');
			await prompts.begin();
			await prompts.page.locator('.new-pill').waitFor();
			assert.notEqual(await focused(), '', 'and when the list changes');
			await prompts.press('Escape');
			assert.ok(await prompts.listFocused());
			await prompts.press('ArrowLeft');
		});

		it('opens with Enter, closes with Escape, and comes back to the same line', async () => {
			await prompts.press('Home', 'ArrowDown', 'ArrowDown', 'ArrowDown');
			const active = await prompts.activeLine();
			await prompts.press('Enter');
			const heading = prompts.page.locator('.detail-heading');
			await heading.waitFor();
			assert.equal(await heading.textContent(), await prompts.line(active).locator('.call-model').textContent());
			assert.ok(await heading.evaluate((element) => element === document.activeElement));
			await prompts.press('Escape');
			await prompts.page.locator('.detail').waitFor({ state: 'hidden' });
			assert.ok(await prompts.listFocused());
			assert.equal(await prompts.activeLine(), active);
		});

		it('takes the details along when they are beside the list', async () => {
			await prompts.line(4).click();
			await prompts.page.locator('vscode-panels').waitFor();
			await prompts.press('ArrowDown', 'ArrowDown');
			const id = await prompts.idOf(prompts.line(await prompts.activeLine()));
			await prompts.page.locator('#tab-metadata').click();
			await prompts.page.locator('.metadata dd', { hasText: id }).first().waitFor();
			await prompts.focusList();
			await prompts.press('Escape');
		});

		it('keeps the active line when it scrolls out of the view', async () => {
			await prompts.press('Home', 'ArrowDown', 'ArrowDown');
			await prompts.scrollTo(9000);
			assert.equal(await prompts.activeLine(), 3);
			await prompts.press('ArrowDown');
			assert.equal(await prompts.activeLine(), 4);
			assert.ok(await prompts.line(4).isVisible());
		});
	});

	describe('with 100,000 calls', () => {
		opened({ calls: 100_000, warm: true, delayMs: 10 });

		it('tells how many lines it has and holds only those in view', async () => {
			await prompts.shows(100_000);
			assert.ok(Number(await prompts.grid.getAttribute('aria-rowcount')) > 100_000);
			assert.ok((await prompts.page.locator('.rows .row').count()) < 60);
		});

		it('reaches lines that were not fetched yet', async () => {
			const lines = Number(await prompts.grid.getAttribute('aria-rowcount')) - 1;
			await prompts.focusList();
			await prompts.press('End');
			await prompts.line(lines).locator('.call-model').filter({ hasText: /\w/ }).waitFor();
			await prompts.press('ArrowUp');
			assert.equal(await prompts.activeLine(), lines - 1);
		});

		it('steps from call to call in the details, also beyond what was fetched', async () => {
			await prompts.press('Home', 'End', 'Enter');
			await prompts.page.locator('.detail-heading').waitFor();
			const shown = () => prompts.page.locator('.detail-summary time').getAttribute('datetime');
			const first = await shown();
			await prompts.page.evaluate(() => {
				const scroller = document.querySelector('.scroller');
				if (scroller !== null) scroller.scrollTop = 0;
			});
			await prompts.begin();
			await prompts.frames();
			await prompts.page.getByRole('button', { name: 'Previous call' }).click();
			await prompts.page.waitForFunction(
				(first) => document.querySelector('.detail-summary time')?.getAttribute('datetime') !== first,
				first,
			);
			const times = await prompts.page.evaluate(() => window.devHost.ledger.rows.map(({ startedAtMs }) => startedAtMs));
			assert.equal(Date.parse((await shown()) ?? ''), times[1]);
		});
	});

	describe('while calls arrive', () => {
		opened({ calls: 1000, state: callsAlone });

		it('shows a new call at its top, running, and then what became of it', async () => {
			await prompts.begin();
			await prompts.line(1).and(prompts.page.locator('[data-state="pending"]')).waitFor();
			assert.match((await prompts.line(1).locator('.duration-badge').textContent()) ?? '', /…$/);
			await prompts.page.evaluate(() => window.devHost.end());
			await prompts.line(1).and(prompts.page.locator('[data-state="ok"]')).waitFor();
			assert.match((await prompts.line(1).locator('.cell-cost').textContent()) ?? '', /\$|unpriced/);
			await prompts.shows(1001);
		});

		it('writes only the rows that changed', async () => {
			await prompts.begin();
			await prompts.line(1).and(prompts.page.locator('[data-state="pending"]')).waitFor();
			await prompts.page.evaluate(() => {
				const changed = new Set<string>();
				new MutationObserver((records) => {
					for (const { target } of records) {
						const owner = target instanceof Element ? target.closest('.row') : target.parentElement?.closest('.row');
						if (owner?.parentElement?.matches('.rows'))
							changed.add(owner.querySelector('.time-exact')?.getAttribute('datetime') ?? '');
					}
					document.body.dataset.changedRows = String(changed.size);
				}).observe(document.querySelector('.rows') ?? document.body, {
					subtree: true,
					childList: true,
					characterData: true,
				});
				window.devHost.end();
			});
			await prompts.line(1).and(prompts.page.locator('[data-state="ok"]')).waitFor();
			assert.equal(await prompts.page.locator('body').getAttribute('data-changed-rows'), '1');
		});

		it('does not move what is being read, and tells how many are new', async () => {
			await prompts.scrollTo(7000);
			const before = await prompts.reading();
			await prompts.begin(3);
			const pill = prompts.page.locator('.new-pill');
			await pill.filter({ hasText: '3 new calls' }).waitFor();
			const now = await prompts.reading();
			assert.deepEqual([now?.name, now?.y, now?.index], [before?.name, before?.y, (before?.index ?? 0) + 3]);
			await prompts.begin(1000);
			await pill.filter({ hasText: '1,003 new calls' }).waitFor();
			const later = await prompts.reading();
			assert.deepEqual([later?.name, later?.y], [before?.name, before?.y]);
			await pill.click();
			await pill.waitFor({ state: 'hidden' });
			assert.ok(await prompts.line(1).isVisible());
			assert.ok(await prompts.listFocused());
		});

		it('does not push away at its top what is unfolded there', async () => {
			await prompts.press('Home', 'ArrowRight');
			await prompts.line(1).locator('.unfolded [data-place]').first().waitFor();
			const id = await prompts.idOf(prompts.line(1));
			await prompts.frames();
			const y = await prompts.yOf(id);
			await prompts.begin();
			await prompts.page.locator('.new-pill').filter({ hasText: '1 new call' }).waitFor();
			assert.equal(await prompts.yOf(id), y);
			await prompts.press('ArrowLeft');
		});

		it('follows the open call to its end, though its line is far from view', async () => {
			await prompts.press('Home');
			await prompts.begin();
			await prompts.line(1).and(prompts.page.locator('[data-state="pending"]')).click();
			const state = prompts.page.locator('.detail-summary .call-state');
			await prompts.page.locator('.detail .bubble').first().waitFor();
			assert.equal(await state.textContent(), 'Running');
			await prompts.scrollTo(30_000);
			await prompts.page.evaluate(() => {
				while (window.devHost.ledger.end() !== null);
				window.devHost.begin();
			});
			await state.filter({ hasText: 'Completed' }).waitFor();
			assert.equal(await prompts.page.locator('.row[data-active][data-loading]').count(), 0, 'its line is here');
			await prompts.press('Escape');
		});

		it('waits while the panel is hidden, and is right when it is shown again', async () => {
			await prompts.begin();
			const calls = await prompts.countOf({});
			// The list is up to date: nothing is under way any more.
			await prompts.shows(calls);
			await prompts.page.evaluate(() => {
				Object.defineProperty(document, 'hidden', { value: true, configurable: true });
				window.devHost.sent.length = 0;
			});
			await prompts.begin(20);
			// Nothing tells that nothing happens: what would be asked would be asked at once.
			await prompts.frames();
			await prompts.frames();
			assert.equal(await prompts.page.evaluate(() => window.devHost.sent.length), 0);
			await prompts.page.evaluate(() => {
				Object.defineProperty(document, 'hidden', { value: false, configurable: true });
				document.dispatchEvent(new Event('visibilitychange'));
			});
			await prompts.shows(calls + 20);
		});
	});

	describe('by task, while calls arrive', () => {
		opened({ calls: 1000 });

		it('does not move what is being read, though tasks move', async () => {
			await prompts.scrollTo(7000);
			const before = await prompts.reading();
			await prompts.begin(3);
			await prompts.page.locator('.new-pill').filter({ hasText: '3 new calls' }).waitFor();
			const now = await prompts.reading();
			assert.deepEqual([now?.name, now?.y], [before?.name, before?.y]);
			assert.ok((now?.index ?? 0) > (before?.index ?? 0));
		});

		it('does not push away what is unfolded in the task at its top', async () => {
			await prompts.page.locator('.new-pill').click();
			const first = prompts.calls.first();
			await first.and(prompts.page.locator('[data-state="pending"]')).waitFor();
			const id = await prompts.idOf(first);
			await first.locator('.chevron').click();
			await prompts.page.locator('.unfolded [data-place]').first().waitFor();
			await prompts.frames();
			const y = await prompts.yOf(id);
			await prompts.begin(2);
			await prompts.page.locator('.new-pill').filter({ hasText: '2 new calls' }).waitFor();
			assert.equal(await prompts.yOf(id), y);
		});

		it('tells in its line that a task is running', async () => {
			await prompts.page.locator('.new-pill').click();
			await prompts.page.locator('.row.task[data-running] .task-running:visible').first().waitFor();
			const task = prompts.page.locator('.row.task[data-running]').first();
			assert.match((await task.locator('.task-running').textContent()) ?? '', /^\d running$/);
			assert.equal(await task.locator('.icon-spinner').count(), 1);
		});
	});

	describe('that is taller than a browser can lay out', () => {
		opened({ calls: 300_000, warm: true, state: callsAlone });

		it('scrolls to both ends and to every row between', async () => {
			const height = await prompts.page.locator('.rows').evaluate((element) => (element as HTMLElement).offsetHeight);
			assert.equal(height, 8_000_000);
			const scroller = prompts.page.locator('.scroller');
			await prompts.focusList();
			await prompts.press('End');
			await prompts.line(300_000).locator('.call-model').filter({ hasText: /\w/ }).waitFor();
			const left = await scroller.evaluate(
				({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight,
			);
			assert.ok(Math.abs(left) < 2, `${left} px below the last call`);
			await prompts.press('ArrowUp', 'PageUp');
			const above = await prompts.activeLine();
			assert.ok(above < 299_999 && above > 299_970);
			assert.ok(await prompts.line(above).isVisible());
			await prompts.scrollTo(4_000_000);
			const middle = await prompts.reading();
			assert.ok(Math.abs((middle?.index ?? 0) - 150_000) < 1000, `${middle?.index}`);
			// The wheel moves by what it says, not by what a pixel of the scrollbar stands for.
			await prompts.scrollTo(4_000_104);
			const next = await prompts.reading();
			assert.equal(next?.index, (middle?.index ?? 0) + 2);
			await prompts.press('Home');
			assert.equal(await prompts.activeLine(), 1);
			assert.ok(await prompts.line(1).isVisible());
		});
	});
});
