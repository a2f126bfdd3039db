import { button, el, setAttribute } from '../dom.ts';

export interface MenuItem {
	label: string;
	act(): void;
}

let menus = 0;

/** A button that opens a menu, as the ARIA menu button pattern has it: arrow keys, Home, End, Enter, Escape. */
export function menuButton(label: string, icon: Node, items: readonly MenuItem[]): HTMLElement {
	const id = `menu-${++menus}`;
	const opener = button(label, () => (menu.hidden ? open(0) : close(true)), { appearance: 'icon', icon });
	const menu = el('div', { id, class: 'menu', role: 'menu', 'aria-label': label });
	const entries = items.map(({ label, act }) => {
		const entry = el('button', { type: 'button', class: 'menu-item', role: 'menuitem', tabindex: -1, text: label });
		entry.addEventListener('click', () => {
			close(true);
			act();
		});
		return entry;
	});
	menu.append(...entries);
	menu.hidden = true;
	opener.setAttribute('aria-haspopup', 'menu');
	const element = el('div', { class: 'menu-button' }, opener, menu);
	show(false);
	opener.addEventListener('keydown', (event) => {
		if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
		event.preventDefault();
		open(event.key === 'ArrowDown' ? 0 : entries.length - 1);
	});
	menu.addEventListener('keydown', onKey);
	element.addEventListener('focusout', ({ relatedTarget }) => {
		if (relatedTarget instanceof Node && !element.contains(relatedTarget)) close(false);
	});
	return element;

	function show(open: boolean): void {
		menu.hidden = !open;
		setAttribute(opener, 'aria-expanded', open ? 'true' : 'false');
	}

	function open(at: number): void {
		show(true);
		document.addEventListener('pointerdown', onOutside);
		entries[at]?.focus();
	}

	function close(focus: boolean): void {
		show(false);
		document.removeEventListener('pointerdown', onOutside);
		if (focus) opener.focus();
	}

	function onOutside({ target }: PointerEvent): void {
		if (!(target instanceof Node) || !element.contains(target)) close(false);
	}

	function onKey(event: KeyboardEvent): void {
		const at = entries.findIndex((entry) => entry.matches(':focus'));
		const steps: Record<string, number> = {
			ArrowDown: (at + 1) % entries.length,
			ArrowUp: (at - 1 + entries.length) % entries.length,
			Home: 0,
			End: entries.length - 1,
		};
		const next = Object.hasOwn(steps, event.key) ? steps[event.key] : undefined;
		if (next !== undefined) entries[next]?.focus();
		else if (event.key === 'Escape') close(true);
		else return;
		event.preventDefault();
		// Alt and an arrow would go to another call, Escape would close the details.
		event.stopPropagation();
	}
}
