import './panel.css';
import { localTimeZone } from '../src/core/local-time-zone.ts';
import type { FromPanel, ToPanel } from '../src/protocol/messages.ts';
import { App } from './app.ts';
import { registerControls } from './controls.ts';
import { Format } from './format.ts';
import { HostLink } from './host-link.ts';
import { takeLanguage } from './language.ts';
import { type StateKeeper, Store } from './store.ts';
import { Ui } from './ui.ts';

/** What VS Code gives each webview, once. */
declare function acquireVsCodeApi(): StateKeeper & { postMessage(message: FromPanel): void };

const vscode = acquireVsCodeApi();
const link = new HostLink({
	post: (message) => vscode.postMessage(message),
	listen(receive) {
		const listener = (event: MessageEvent<ToPanel>) => receive(event.data);
		window.addEventListener('message', listener);
		return () => window.removeEventListener('message', listener);
	},
});

// A fault is told by its name and place alone: its message may quote what a model wrote.
window.addEventListener('error', ({ error, filename, lineno, colno }) => {
	link.fault(`${error instanceof Error ? error.name : 'Error'} at ${filename.split('/').at(-1)}:${lineno}:${colno}`);
});
window.addEventListener('unhandledrejection', ({ reason }) => {
	link.fault(`Unhandled rejection: ${reason instanceof Error ? reason.name : typeof reason}`);
});
window.addEventListener('pagehide', () => link.dispose());

takeLanguage(document);
registerControls();
const ui = new Ui(link, new Format(navigator.language, localTimeZone()));
document.body.append(new App(ui, new Store(vscode)).element);
link.ready();
