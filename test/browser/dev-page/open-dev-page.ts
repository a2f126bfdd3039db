import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as esbuild from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Language } from '../../../webview/strings.ts';
import { ensureChromium, root } from '../../run/setup.mjs';
import type { DevPage } from './fake-host.ts';

/** Themes as VS Code hands them to a webview: its variables, and the classes and attributes of the body. */
export const devThemes = ['dark', 'light', 'hc-dark', 'hc-light'] as const;
export type DevTheme = (typeof devThemes)[number];

export interface DevPageOptions extends Partial<DevPage> {
	theme?: DevTheme;
	width?: number;
	height?: number;
	reducedMotion?: boolean;
	/** Texts in a language other than English, as VS Code hands them to the extension. */
	language?: Language;
	/** Device pixels per CSS pixel, for pictures. */
	scale?: number;
}

const origin = 'http://panel.test/';

/**
 * The panel in a plain page, with a stand-in for the host, under the same content security policy as in VS Code.
 * Open it with `DevBrowser.launch()`, close it in `finally`.
 */
export class DevBrowser {
	readonly browser: Browser;
	readonly #files: Map<string, string>;

	private constructor(browser: Browser, files: Map<string, string>) {
		this.browser = browser;
		this.#files = files;
	}

	static async launch(): Promise<DevBrowser> {
		const executablePath = await ensureChromium();
		const [files, browser] = await Promise.all([
			bundle(),
			chromium.launch({
				executablePath,
				args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
			}),
		]);
		return new DevBrowser(browser, files);
	}

	async open(options: DevPageOptions = {}): Promise<Page> {
		const { width = 1280, height = 800 } = options;
		const context = await this.browser.newContext({
			viewport: { width, height },
			reducedMotion: options.reducedMotion === true ? 'reduce' : 'no-preference',
			deviceScaleFactor: options.scale ?? 1,
		});
		const page = await context.newPage();
		const html = await documentOf(options);
		await page.route(`${origin}**`, (route) => {
			const name = new URL(route.request().url()).pathname.slice(1);
			if (name === '') return route.fulfill({ contentType: 'text/html; charset=utf-8', body: html });
			const file = this.#files.get(name);
			if (file === undefined) return route.fulfill({ status: 404 });
			return route.fulfill({
				contentType: name.endsWith('.css') ? 'text/css' : 'text/javascript; charset=utf-8',
				body: file,
			});
		});
		await page.goto(origin);
		return page;
	}

	close(): Promise<void> {
		return this.browser.close();
	}
}

/** Changes the theme of an open page as VS Code does. */
export async function setDevTheme(page: Page, theme: DevTheme): Promise<void> {
	const { bodyClass, attributes, variables } = await themeOf(theme);
	await page.evaluate(
		({ bodyClass, attributes, variables }) => {
			const style = document.documentElement.style;
			for (const name of [...style]) if (name.startsWith('--vscode-')) style.removeProperty(name);
			for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
			for (const [name, value] of Object.entries(attributes)) document.body.setAttribute(name, value);
			document.body.className = bodyClass;
		},
		{ bodyClass, attributes, variables },
	);
}

/** Writes a picture for people to look at, under `out/`. */
export async function picture(page: Page, name: string): Promise<string> {
	const path = join(root, 'out/pictures', `${name}.png`);
	await mkdir(dirname(path), { recursive: true });
	await page.screenshot({ path });
	return path;
}

interface ThemeFixture {
	bodyClass: string;
	attributes: Record<string, string>;
	variables: Record<string, string>;
}

async function themeOf(theme: DevTheme): Promise<ThemeFixture> {
	return JSON.parse(await readFile(join(root, `test/fixtures/themes/${theme}.json`), 'utf8'));
}

async function bundle(): Promise<Map<string, string>> {
	const common = {
		absWorkingDir: root,
		bundle: true,
		format: 'iife',
		target: 'chrome148',
		write: false,
		outdir: root,
	} as const;
	const [panel, host] = await Promise.all([
		esbuild.build({ ...common, entryPoints: { panel: 'webview/main.ts' }, minify: true }),
		esbuild.build({ ...common, entryPoints: { host: 'test/browser/dev-page/fake-host.ts' } }),
	]);
	const files = new Map<string, string>();
	for (const { path, text } of [...panel.outputFiles, ...host.outputFiles])
		files.set(path.slice(root.length + 1), text);
	return files;
}

async function documentOf(options: DevPageOptions): Promise<string> {
	const { bodyClass, attributes, variables } = await themeOf(options.theme ?? 'dark');
	const devPage: DevPage = {
		calls: options.calls ?? 10,
		nowMs: options.nowMs ?? Date.now(),
		gapMs: options.gapMs ?? 60_000,
		delayMs: options.delayMs ?? 0,
		host: options.host ?? {},
		state: options.state ?? null,
		warm: options.warm ?? false,
	};
	const nonce = 'ZGV2LXBhZ2U';
	const policy = [
		`default-src 'none'`,
		`style-src 'self' 'nonce-${nonce}'`,
		`script-src 'nonce-${nonce}'`,
		`img-src 'self' data:`,
		`font-src 'self'`,
		`base-uri 'none'`,
		`form-action 'none'`,
	].join('; ');
	const style = Object.entries(variables)
		.map(([name, value]) => `${name}: ${value};`)
		.join('\n');
	const bodyAttributes = Object.entries(attributes)
		.map(([name, value]) => `${name}="${value}"`)
		.join(' ');
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>LLM usage</title>${languageTag(options.language)}
<link rel="stylesheet" href="panel.css">
<script nonce="${nonce}">
window.devPage = ${JSON.stringify(devPage).replaceAll('<', '\\u003c')};
const theme = ${JSON.stringify(style)};
document.documentElement.style.cssText = theme;
</script>
<script nonce="${nonce}" src="host.js"></script>
</head>
<body class="${bodyClass}" ${bodyAttributes}>
<script nonce="${nonce}" src="panel.js"></script>
</body>
</html>`;
}

function languageTag(language: Language | undefined): string {
	if (language === undefined) return '';
	const content = JSON.stringify(language).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
	return `\n<meta name="callmeter-language" content="${content}">`;
}
