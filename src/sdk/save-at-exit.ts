/** What is done when the process ends, at once and without waiting: each does its own, once, and must not throw. */
class ExitTasks {
	readonly #tasks = new Set<() => void>();
	#listens = false;

	add(task: () => void): void {
		this.#tasks.add(task);
		// One listener for all: Node warns of many.
		if (!this.#listens) process.on('exit', () => this.#run());
		this.#listens = true;
	}

	delete(task: () => void): void {
		this.#tasks.delete(task);
	}

	#run(): void {
		for (const task of this.#tasks) {
			try {
				task();
			} catch {
				// The process ends anyway, and the others want their turn.
			}
		}
	}
}

export const saveAtExit = new ExitTasks();
