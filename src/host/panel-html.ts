import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The panel's page. Nothing may load or run but our own script and style sheet. */
export function panelHtml(webview: vscode.Webview, folder: vscode.Uri): string {
	const nonce = randomBytes(18).toString('base64');
	// The toolkit reads this one, to find out what the browser can do with an empty style sheet.
	const styleNonce = randomBytes(18).toString('base64');
	const script = webview.asWebviewUri(vscode.Uri.joinPath(folder, 'panel.js'));
	const style = webview.asWebviewUri(vscode.Uri.joinPath(folder, 'panel.css'));
	const policy = [
		`default-src 'none'`,
		`script-src 'nonce-${nonce}'`,
		`style-src ${webview.cspSource} 'nonce-${styleNonce}'`,
		`img-src ${webview.cspSource} data:`,
		`font-src ${webview.cspSource}`,
		`base-uri 'none'`,
		`form-action 'none'`,
	].join('; ');
	return `<!DOCTYPE html>
<html lang="en">
<head>
	<meta charset="UTF-8">
	<meta http-equiv="Content-Security-Policy" content="${policy}">
	<meta property="csp-nonce" content="${styleNonce}">
	<meta name="viewport" content="width=device-width, initial-scale=1">${languageTag()}
	<link rel="stylesheet" href="${style}">
	<title>${escaped(vscode.l10n.t('LLM Usage'))}</title>
</head>
<body>
	<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}

/** The panel's texts in the language of VS Code, where it is not English and there are translations for it. */
function languageTag(): string {
	const texts = vscode.l10n.bundle;
	if (texts === undefined) return '';
	const content = escaped(JSON.stringify({ language: vscode.env.language, texts }));
	return `\n	<meta name="callmeter-language" content="${content}">`;
}

/** Text as it may stand in HTML, also within a quoted attribute. */
function escaped(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
