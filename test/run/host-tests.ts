/** Runs `test/host/**` in the extension host of a real VS Code. Prints what mocha prints. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runHostTests } from '../harness/host-tests.ts';
import { root } from './setup.mjs';

const { values } = parseArgs({ options: { extension: { type: 'string', default: 'dev' } } });
let output = '';
const { exitCode, logs } = await runHostTests({
	extension: values.extension,
	onLine: (line) => {
		output += `${line}\n`;
		console.log(line);
	},
});
const logFile = join(root, 'out/host-tests.log');
mkdirSync(join(root, 'out'), { recursive: true });
writeFileSync(logFile, logs.join('\n'));
const complete = /^\s*\d+ passing/m.test(output);
if (!complete) console.log(`The tests did not run to their end. What VS Code said is in ${logFile}`);
process.exitCode = exitCode === 0 && complete ? 0 : 1;
