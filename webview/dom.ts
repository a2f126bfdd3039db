type Value = string | number | boolean | null | undefined;
type Child = Node | string | null | undefined | false;

/**
 * Makes an element. `text` sets its text content, every other key is an attribute: `true` sets it empty,
 * `null`, `undefined` and `false` leave it out. Foreign text can only ever become text.
 */
export function el<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	attributes?: Record<string, Value>,
	...children: Child[]
): HTMLElementTagNameMap[K];
export function el(tag: string, attributes?: Record<string, Value>, ...children: Child[]): HTMLElement;
export function el(tag: string, attributes: Record<string, Value> = {}, ...children: Child[]): HTMLElement {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (name === 'text') element.textContent = value === null || value === undefined ? '' : String(value);
		else setAttribute(element, name, value);
	}
	append(element, ...children);
	return element;
}

/** Appends what is there and skips what is not. */
export function append(parent: Node, ...children: Child[]): void {
	for (const child of children) {
		if (child === null || child === undefined || child === false) continue;
		parent.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
	}
}

/** Sets an attribute, or removes it for `null`, `undefined` and `false`. Writes only what differs. */
export function setAttribute(element: Element, name: string, value: Value): void {
	if (value === null || value === undefined || value === false) {
		if (element.hasAttribute(name)) element.removeAttribute(name);
		return;
	}
	const text = value === true ? '' : String(value);
	if (element.getAttribute(name) !== text) element.setAttribute(name, text);
	// Readers aloud meet the toolkit's inner button, to which it hands on only what is set as a property.
	if (element.localName !== 'vscode-button') return;
	if (name === 'aria-pressed') element.ariaPressed = text;
	else if (name === 'aria-expanded') element.ariaExpanded = text;
}

/** Sets text only where it differs, so that an unchanged row costs no layout. */
export function setText(element: Node, text: string): void {
	if (element.textContent !== text) element.textContent = text;
}

/** A control of the toolkit that runs `act` when pressed. */
export function button(
	label: string,
	act: () => void,
	options: { appearance?: 'primary' | 'secondary' | 'icon'; class?: string; icon?: Node; title?: string } = {},
): HTMLElement {
	const element = el('vscode-button', {
		appearance: options.appearance ?? 'secondary',
		class: options.class,
		title: options.title,
	});
	if (options.icon === undefined) element.append(label);
	else {
		element.append(options.icon);
		element.setAttribute('aria-label', label);
		if (options.title === undefined) element.title = label;
	}
	element.addEventListener('click', act);
	return element;
}
