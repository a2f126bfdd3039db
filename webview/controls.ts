/**
 * The one place that knows the toolkit: it registers the controls in use, and nothing else imports it.
 * Replacing the toolkit means replacing this file.
 */
import {
	provideVSCodeDesignSystem,
	vsCodeBadge,
	vsCodeButton,
	vsCodePanels,
	vsCodePanelTab,
	vsCodePanelView,
	vsCodeProgressRing,
} from '@vscode/webview-ui-toolkit';

export function registerControls(): void {
	provideVSCodeDesignSystem().register(
		vsCodeBadge(),
		vsCodeButton(),
		vsCodePanels(),
		vsCodePanelTab(),
		vsCodePanelView(),
		vsCodeProgressRing(),
	);
}
