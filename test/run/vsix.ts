/** Builds the package, and says how big it is: `npm run package [-- path]`. */
import { statSync } from 'node:fs';
import { filesOf, packageVsix } from '../harness/package-vsix.ts';
import { table } from './table.ts';

const limitMb = 3;
const vsix = await packageVsix(process.argv[2]);
const files = filesOf(vsix).sort((a, b) => b.bytes - a.bytes);
console.log(
	table(
		['file', 'KB'],
		files.map(({ path, bytes }) => [path, (bytes / 1024).toFixed(1)]),
	),
);
const megabytes = statSync(vsix).size / 1024 / 1024;
console.log(`\n${vsix}: ${megabytes.toFixed(2)} MB of ${limitMb}`);
if (megabytes > limitMb) process.exitCode = 1;
