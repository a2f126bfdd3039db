import type { Browser, Page } from 'playwright-core';

/** A stretch of work during which the page could neither draw nor listen. */
export interface LongTask {
	/** Time that the page's own thread worked: what other programs on the machine take is not in it. */
	cpuMs: number;
	/** Time that went by. */
	ms: number;
	/** The last user timing mark `step:…` before it. */
	step: string;
}

interface TraceEvent {
	name: string;
	cat: string;
	tid: number;
	ts: number;
	/** Microseconds. */
	dur?: number;
	tdur?: number;
}

/**
 * The tasks of a page's main thread that took at least `fromMs` while `act` ran, as the browser's trace tells. Tasks
 * between the user timing marks `look-begin` and `look-end` are the test's own and are left out.
 */
export async function longTasks(
	browser: Browser,
	page: Page,
	fromMs: number,
	act: () => Promise<void>,
): Promise<LongTask[]> {
	const mark = 'long-tasks-begin';
	await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
	await page.evaluate((mark) => void performance.mark(mark), mark);
	let trace: Buffer;
	try {
		await act();
	} finally {
		trace = await browser.stopTracing();
	}
	const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(trace.toString());
	const thread = traceEvents.find(({ name }) => name === mark)?.tid;
	if (thread === undefined) throw new Error('the trace does not name the thread of the page');
	const events = traceEvents.filter(({ tid }) => tid === thread);
	const looks = events.filter(({ name }) => name === 'look-begin').map(({ ts }) => ts);
	const all = events.filter(({ cat, name }) => cat.includes('toplevel') && name === 'ThreadControllerImpl::RunTask');
	if (all.length === 0) throw new Error('the trace has no tasks');
	const steps = events.filter(({ name }) => name.startsWith('step:'));
	const stepAt = (at: number) => steps.findLast(({ ts }) => ts <= at)?.name.slice('step:'.length) ?? '';
	return all
		.filter(({ ts, dur = 0 }) => !looks.some((at) => at >= ts && at <= ts + dur))
		.map(({ ts, dur = 0, tdur = 0 }) => ({ cpuMs: tdur / 1000, ms: dur / 1000, step: stepAt(ts + dur) }))
		.filter(({ cpuMs }) => cpuMs >= fromMs);
}
