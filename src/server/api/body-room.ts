/** Says that what took up room is over. */
type Leave = () => void;

/**
 * Room for what bodies become when they are read: inflated and parsed they are many times what was sent, and a worker whose
 * memory ends takes all requests with it. Who finds no room waits, in the order of coming.
 */
export class BodyRoom {
	readonly #bytes: number;
	readonly #waiting: { bytes: number; enter: () => void }[] = [];
	#taken = 0;

	/** @param bytes that there is room for */
	constructor(bytes: number) {
		this.#bytes = bytes;
	}

	/** Resolves when there is room for so many bytes. What is larger than all of it goes alone. */
	async enter(bytes: number): Promise<Leave> {
		if (this.#waiting.length > 0 || !this.#fits(bytes)) {
			await new Promise<void>((enter) => this.#waiting.push({ bytes, enter }));
		} else this.#taken += bytes;
		return () => this.#leave(bytes);
	}

	#leave(bytes: number): void {
		this.#taken -= bytes;
		for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
			this.#waiting.shift();
			this.#taken += next.bytes;
			next.enter();
		}
	}

	#fits(bytes: number): boolean {
		return this.#taken === 0 || this.#taken + bytes <= this.#bytes;
	}
}
