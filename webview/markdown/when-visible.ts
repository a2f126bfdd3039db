/** How far outside the window something is made ready. */
const margin = '200px';

const waiting = new WeakMap<Element, () => void>();
let observer: IntersectionObserver | undefined;

/** Acts once, when an element first comes into sight. What is never looked at costs nothing. */
export function whenVisible(element: Element, act: () => void): void {
	observer ??= new IntersectionObserver(onChange, { rootMargin: margin });
	waiting.set(element, act);
	observer.observe(element);
}

function onChange(entries: IntersectionObserverEntry[], observer: IntersectionObserver): void {
	for (const { target, isIntersecting } of entries) {
		if (!isIntersecting) continue;
		observer.unobserve(target);
		const act = waiting.get(target);
		waiting.delete(target);
		act?.();
	}
}
