/**
 * The one place that knows the toolkit: it registers the controls in use, and nothing else imports it.
 * Replacing the toolkit means replacing this file. Its badge is not among them: it writes an inline style, which the
 * panel's content security policy forbids.
 */
import {
	Checkbox,
	ProgressRing,
	provideVSCodeDesignSystem,
	TextField,
	vsCodeButton,
	vsCodeCheckbox,
	vsCodeDropdown,
	vsCodeOption,
	vsCodePanels,
	vsCodePanelTab,
	vsCodePanelView,
	vsCodeProgressRing,
	vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { setAttribute } from './dom.ts';

export function registerControls(): void {
	for (const { prototype } of [Checkbox, ProgressRing, TextField]) keepLabel(prototype);
	provideVSCodeDesignSystem().register(
		vsCodeButton(),
		vsCodeCheckbox(),
		vsCodeDropdown(),
		vsCodeOption(),
		vsCodePanels(),
		vsCodePanelTab(),
		vsCodePanelView(),
		vsCodeProgressRing(),
		vsCodeTextField(),
	);
}

/** These give themselves an English label, in place of their own, whenever they come into the document. */
function keepLabel(control: HTMLElement & { connectedCallback(): void }): void {
	const connected = control.connectedCallback;
	control.connectedCallback = function (this: typeof control) {
		const label = this.getAttribute('aria-label');
		connected.call(this);
		setAttribute(this, 'aria-label', label);
	};
}
