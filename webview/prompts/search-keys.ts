/** Whether a key asks for the search box: “/” outside of fields, and what programs search by. */
export function asksForSearch(event: KeyboardEvent): boolean {
	if (event.defaultPrevented || event.altKey || event.isComposing) return false;
	if ((event.ctrlKey || event.metaKey) && !event.shiftKey) return event.key.toLowerCase() === 'f';
	return event.key === '/' && !event.ctrlKey && !event.metaKey && !takesText(event.composedPath()[0]);
}

function takesText(target: EventTarget | undefined): boolean {
	return target instanceof Element && target.closest('input, textarea, [contenteditable], [role="combobox"]') !== null;
}
