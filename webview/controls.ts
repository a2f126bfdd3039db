/**
 * The one place that knows the toolkit: it registers the controls in use, and nothing else imports it.
 * Replacing the toolkit means replacing this file. Its badge is not among them: it writes an inline style, which the
 * panel's content security policy forbids.
 */
import {
	provideVSCodeDesignSystem,
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

export function registerControls(): void {
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
