import { format } from 'node:util';
import Mocha from 'mocha';

/** Begins each line that tests print: the extension host's console is full of others. */
const mark = '[test]';

/**
 * Runs the tests that `load` defines, inside VS Code's extension host. Rejects unless all of them passed.
 * @param load defines the tests: it runs once mocha's globals are there.
 */
export function runTests(load: () => void): Promise<void> {
	Mocha.reporters.Base.consoleLog = print;
	const mocha = new Mocha({ ui: 'bdd', timeout: 20_000, forbidOnly: true });
	mocha.suite.emit('pre-require', globalThis, 'host-tests', mocha);
	load();
	return new Promise((resolve, reject) => {
		// What a timer throws would otherwise vanish: VS Code catches it and the tests would seem to pass.
		const onUncaught = (error: unknown) => {
			print('Uncaught in the extension host:', error);
			reject(error);
		};
		process.on('uncaughtException', onUncaught);
		mocha.run((failures) => {
			process.off('uncaughtException', onUncaught);
			if (failures === 0) resolve();
			else reject(new Error(`${failures} tests failed`));
		});
	});
}

function print(...args: unknown[]): void {
	for (const line of format(...args).split('\n')) console.log(`${mark}${line}`);
}
