import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from './setup.mjs';

/**
 * The types of a published entry in one text that needs no other file and no package. The entry says what is public by
 * exporting it from other files; those may import types from each other, and from nowhere else.
 *
 * @param {string} entry from the project's root: a file of `export … from './x.ts'`
 * @returns {string}
 * @throws {Error} when the types need something that would not come with them, or do not compile
 */
export function declarationsOf(entry) {
	const folder = join(root, 'out/declarations', basename(entry, '.ts'));
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const project = join(folder, 'tsconfig.json');
	const compilerOptions = {
		rootDir: root,
		outDir: join(folder, 'emitted'),
		noEmit: false,
		declaration: true,
		emitDeclarationOnly: true,
		types: ['node'],
	};
	const files = [join(root, entry)];
	writeFileSync(project, JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] }));
	const tsc = join(root, 'node_modules/typescript/bin/tsc');
	try {
		execFileSync(process.execPath, [tsc, '-p', project], { cwd: root, encoding: 'utf8' });
	} catch (error) {
		throw new Error(`The types of ${entry} cannot be made:\n${Reflect.get(Object(error), 'stdout')}`, { cause: error });
	}
	const emitted = join(folder, 'emitted', dirname(entry));
	const names = [...readFileSync(join(root, entry), 'utf8').matchAll(/\bfrom '\.\/([\w-]+)\.ts'/g)].map(
		([, name]) => name,
	);
	const texts = [...new Set(names)].map((name) => textOf(join(emitted, `${name}.d.ts`), new Set(names)));
	return `${texts.join('\n')}\nexport {};\n`;
}

/**
 * @param {string} file @param {Set<string | undefined>} known
 * @returns {string} without its imports, all of which must be of known files
 */
function textOf(file, known) {
	const text = readFileSync(file, 'utf8').replace(
		/^import (?:type )?\{[^}]*\} from '([^']+)';\n/gm,
		(line, /** @type {string} */ from) => {
			const name = /^\.\/([\w-]+)\.ts$/.exec(from)?.[1];
			if (name === undefined || !known.has(name))
				throw new Error(`${basename(file)} needs ${from}: its types are not public.`);
			return line.includes(' as ') ? line : '';
		},
	);
	const left = /^.*(?:\bfrom ['"]|\bimport\(|\brequire\(|\/\/\/ <reference).*$/m.exec(text)?.[0];
	if (left !== undefined) throw new Error(`${basename(file)} is not on its own: ${left.trim()}`);
	return text.replace(/^export \{\};\n/gm, '').trim();
}
