/** What VS Code uses of `@vscode/spdlog`, written straight to the file. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** @param {string} _name @param {string} file */
export async function createAsyncRotatingLogger(_name, file) {
	mkdirSync(dirname(file), { recursive: true });
	return new Logger(file);
}
export const createRotatingLogger = createAsyncRotatingLogger;

export function setFlushOn() {}

class Logger {
	#bare = false;
	#file;

	/** @param {string} file */
	constructor(file) {
		this.#file = file;
	}

	trace = this.#writer('trace');
	debug = this.#writer('debug');
	info = this.#writer('info');
	warn = this.#writer('warning');
	error = this.#writer('error');
	critical = this.#writer('critical');

	clearFormatters() {
		this.#bare = true;
	}
	setPattern() {}
	setLevel() {}
	flush() {}
	drop() {}

	/** @param {string} level */
	#writer(level) {
		return (/** @type {string} */ message) => {
			const line = this.#bare ? message : `${new Date().toISOString()} [${level}] ${message}\n`;
			appendFileSync(this.#file, line);
		};
	}
}
