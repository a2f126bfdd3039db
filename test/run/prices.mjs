import { run } from './process.mjs';
import { ensureNode, ensurePackages, root } from './setup.mjs';

/** `npm run prices`: makes the price table anew from the installed price package. */
const node = await ensureNode();
await ensurePackages();
process.exitCode = await run(node, ['test/run/prices.ts'], { cwd: root });
