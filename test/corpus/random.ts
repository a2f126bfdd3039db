/** Numbers that follow from a seed (mulberry32): the same corpus on every machine. */
export class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** In `[0, 1)`. */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let mixed = this.#state;
		mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** Whole, in `[from, to]`. */
	whole(from: number, to: number): number {
		return from + Math.floor(this.next() * (to - from + 1));
	}

	/** Whole, in `[from, to]`, small ones far likelier: sizes of files and prompts are like that. */
	skewed(from: number, to: number): number {
		return Math.round(from * (to / from) ** this.next());
	}

	chance(part: number): boolean {
		return this.next() < part;
	}

	pick<T>(from: readonly T[]): T {
		const picked = from[Math.floor(this.next() * from.length)];
		if (picked === undefined) throw new Error('Nothing to pick from.');
		return picked;
	}

	/** Hexadecimal digits. */
	hex(digits: number): string {
		let text = '';
		while (text.length < digits) text += this.whole(0, 0xffffff).toString(16).padStart(6, '0');
		return text.slice(0, digits);
	}

	uuid(): string {
		const text = this.hex(32);
		return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-a${text.slice(17, 20)}-${text.slice(20)}`;
	}
}
