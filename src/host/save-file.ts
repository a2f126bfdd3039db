import * as vscode from 'vscode';
import type { Request } from '../protocol/messages.ts';

type Save = Extract<Request, { kind: 'save' }>;

const extensions: Record<Save['type'], string> = { csv: 'csv', json: 'json', png: 'png', markdown: 'md' };

/** Has the person choose a place and writes the file there. Gives its path; `null`: they changed their mind. */
export async function saveFile({ name, type, data }: Pick<Save, 'name' | 'type' | 'data'>): Promise<string | null> {
	const extension = extensions[type];
	const target = await vscode.window.showSaveDialog({
		defaultUri: vscode.Uri.joinPath(usualFolder(), fileName(name, extension)),
		filters: { [extension.toUpperCase()]: [extension] },
	});
	if (target === undefined) return null;
	const bytes = Buffer.from(data, type === 'png' ? 'base64' : 'utf8');
	await vscode.workspace.fs.writeFile(target, bytes);
	return target.scheme === 'file' ? target.fsPath : target.toString(true);
}

/** Where a file is proposed to go. */
export function usualFolder(): vscode.Uri {
	return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(process.env.HOME ?? process.cwd());
}

/** The name that the panel proposes, as one that names a file and nothing else on any system. */
export function fileName(name: string, extension: string): string {
	const plain = name.replaceAll(/[\p{Cc}<>:"|?*\\/]+/gu, '-').replace(/^[.\s-]+|[.\s]+$/g, '');
	const stem = plain.toLowerCase().endsWith(`.${extension}`) ? plain.slice(0, -extension.length - 1) : plain;
	return `${stem === '' ? 'callmeter' : stem.slice(0, 120)}.${extension}`;
}
