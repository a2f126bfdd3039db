/** How long work may hold the page at a time, ms: well within a frame, so that scrolling and typing go on. */
const sliceMs = 10;

/**
 * Takes the steps of a job one after the other and lets the page draw and listen whenever a slice of time is spent. The
 * first slice is taken at once: short work is done when this returns. Each step must be small in itself.
 *
 * @param wanted asked before each later slice; `false` ends the job
 */
export function inSlices(steps: Iterator<unknown>, wanted: () => boolean): void {
	const untilMs = performance.now() + sliceMs;
	do {
		if (steps.next().done === true) return;
	} while (performance.now() < untilMs);
	setTimeout(() => {
		if (wanted()) inSlices(steps, wanted);
	});
}
