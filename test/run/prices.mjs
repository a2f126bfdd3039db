import { fail, npm, run } from './process.mjs';
import { ensureNode, ensurePackages, root, say } from './setup.mjs';

const name = '@pydantic/genai-prices';

/**
 * `npm run prices`: installs the newest price package, and makes the price table and its day anew from it. Without a
 * network, or with `-- --installed`, from the one that is installed.
 */
try {
	const node = await ensureNode();
	await ensurePackages();
	if (!process.argv.includes('--installed')) {
		try {
			await npm(['install', '--save-dev', `${name}@latest`], { cwd: root });
		} catch {
			say(`The newest ${name} cannot be installed now: the table is made from the one that is there.`);
		}
	}
	process.exitCode = await run(node, ['test/run/prices.ts'], { cwd: root });
} catch (error) {
	fail(error);
}
