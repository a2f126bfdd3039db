import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../run/setup.mjs';

/**
 * Builds the package that users install; the production build runs first.
 * @param path of the `.vsix`; default: `out/callmeter-<version>.vsix`
 * @returns its path
 */
export async function packageVsix(path?: string): Promise<string> {
	const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const out = path ?? join(root, `out/callmeter-${version}.vsix`);
	mkdirSync(join(root, 'out'), { recursive: true });
	const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
	const args = [
		vsce,
		'package',
		'--no-dependencies',
		'--no-rewrite-relative-links',
		'--allow-missing-repository',
		'--out',
		out,
	];
	try {
		await promisify(execFile)(process.execPath, args, { cwd: root });
	} catch (error) {
		const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
		throw new Error(`vsce package failed:\n${stdout}${stderr}`, { cause: error });
	}
	return out;
}

/** One file in a package. */
export interface PackedFile {
	path: string;
	/** Uncompressed. */
	bytes: number;
}

/** The files of a `.vsix`, from the central directory of the ZIP file that it is (PKWARE APPNOTE 4.3.12). */
export function filesOf(vsix: string): PackedFile[] {
	const zip = readFileSync(vsix);
	const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
	if (end < 0) throw new Error(`${vsix} is not a ZIP file`);
	const count = zip.readUInt16LE(end + 10);
	const files: PackedFile[] = [];
	for (let index = 0, at = zip.readUInt32LE(end + 16); index < count; index++) {
		const nameLength = zip.readUInt16LE(at + 28);
		files.push({ path: zip.toString('utf8', at + 46, at + 46 + nameLength), bytes: zip.readUInt32LE(at + 24) });
		at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
	}
	return files;
}
