import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type CodecName, decode, encode } from './codec.ts';
import type { Prepared } from './prepared-content.ts';
import { searchableText } from './searchable-text.ts';

/** Where a call uses a stored text. */
export type Place = 'prompt' | 'system' | 'tools' | 'parameters' | 'completion' | 'reasoning' | 'error';

/** Places whose words the search finds. */
const SEARCHED: ReadonlySet<Place> = new Set(['prompt', 'system', 'tools', 'completion', 'reasoning']);

/** `message.indexed`: the words are to be indexed and are not (there was no index), they are, or they need not be. */
const MISSING = 0;
const INDEXED = 1;
const NOT_SEARCHED = 2;

/** Digests remembered, so that a prompt that is sent again costs no look-ups. */
const MAX_REMEMBERED = 20_000;
/** Words beyond this many characters of one text are not indexed: the text itself is kept whole. */
const MAX_INDEXED_CHARS = 4_000_000;

/**
 * Every distinct piece of content once, by the SHA-256 of its canonical JSON. Texts are JSON: a message, a string
 * (system prompt, reasoning), a list of tools. `use` says which calls need a text, and so when it can go.
 */
export class MessageStore {
	readonly #numbers = new Map<string, number>();
	readonly #indexed = new Set<number>();
	/** Texts whose words are not in the index yet. */
	readonly #unindexed = new Map<number, string>();
	readonly #codec: CodecName;
	readonly #find: StatementSync;
	readonly #insert: StatementSync;
	readonly #read: StatementSync;
	readonly #use: StatementSync;
	readonly #unuse: StatementSync;
	readonly #unuseAll: StatementSync;
	readonly #readDigest: StatementSync;
	readonly #remove: StatementSync;
	readonly #isUsed: StatementSync;
	readonly #unused: StatementSync;
	readonly #markIndexed: StatementSync;
	readonly #missing: StatementSync;
	readonly #index: StatementSync | null;
	readonly #unindex: StatementSync | null;

	constructor(db: DatabaseSync, codec: CodecName, fullText: 'fts5' | 'scan') {
		this.#codec = codec;
		this.#find = db.prepare('SELECT n, indexed FROM message WHERE digest = ?');
		this.#insert = db.prepare('INSERT INTO message (digest, codec, size, indexed, body) VALUES (?, ?, ?, ?, ?)');
		this.#read = db.prepare('SELECT codec, body FROM message WHERE n = ?');
		this.#use = db.prepare('INSERT OR IGNORE INTO use (message_n, call_n, place) VALUES (?, ?, ?)');
		this.#unuse = db.prepare('DELETE FROM use WHERE message_n = ? AND call_n = ? AND place = ?');
		this.#unuseAll = db.prepare('DELETE FROM use WHERE call_n = ? AND place = ? RETURNING message_n');
		this.#readDigest = db.prepare('SELECT digest FROM message WHERE n = ?');
		this.#isUsed = db.prepare('SELECT 1 FROM use WHERE message_n = ? LIMIT 1');
		this.#remove = db.prepare('DELETE FROM message WHERE n = ?');
		this.#unused = db.prepare('SELECT n FROM message WHERE NOT EXISTS (SELECT 1 FROM use WHERE message_n = message.n)');
		this.#markIndexed = db.prepare('UPDATE message SET indexed = 1 WHERE n = ?');
		this.#missing = db.prepare('SELECT n FROM message WHERE indexed = 0 LIMIT ?');
		const searchable = fullText === 'fts5';
		this.#index = searchable ? db.prepare('INSERT INTO message_text (rowid, text) VALUES (?, ?)') : null;
		this.#unindex = searchable ? db.prepare('DELETE FROM message_text WHERE rowid = ?') : null;
	}

	/** Stores a text unless it is there, and returns its number. */
	put({ json, digest }: Prepared, place: Place): number {
		const searched = this.#index !== null && SEARCHED.has(place);
		const known = this.#numbers.get(digest);
		if (known !== undefined) {
			if (searched && !this.#indexed.has(known)) this.#addWords(known, json, true);
			return known;
		}
		const key = Buffer.from(digest, 'hex');
		const stored = this.#find.get(key) as { n: number; indexed: number } | undefined;
		if (stored) {
			if (stored.indexed === INDEXED) this.#indexed.add(stored.n);
			else if (searched) this.#addWords(stored.n, json, true);
			this.#remember(digest, stored.n);
			return stored.n;
		}
		const { codec, size, body } = encode(json, this.#codec);
		const state = searched ? INDEXED : SEARCHED.has(place) ? MISSING : NOT_SEARCHED;
		const n = Number(this.#insert.run(key, codec, size, state, body).lastInsertRowid);
		if (searched) this.#addWords(n, json, false);
		this.#remember(digest, n);
		return n;
	}

	/** Indexes some of the texts that were stored while there was no index. True when none is left. */
	indexMissing(atMost: number): boolean {
		if (!this.#index) return true;
		const missing = this.#missing.all(atMost);
		for (const { n } of missing) {
			const json = this.get(Number(n));
			if (json !== null) this.#addWords(Number(n), json, true);
		}
		return missing.length < atMost;
	}

	/** The JSON text of a stored piece; `null` when it is not there. */
	get(n: number): string | null {
		const row = this.#read.get(n) as { codec: number; body: Uint8Array } | undefined;
		return row ? decode(row.codec, row.body) : null;
	}

	/** Says that a call needs a text. */
	use(n: number, call: number, place: Place): void {
		this.#use.run(n, call, place);
	}

	/** Says that a call no longer needs a text, which is deleted when no call does. True when it was. */
	release(n: number, call: number, place: Place): boolean {
		this.#unuse.run(n, call, place);
		return this.#collect(n);
	}

	/** Says that a call no longer needs anything in a place. Returns how many texts were deleted. */
	releaseAll(call: number, place: Place): number {
		const rows = this.#unuseAll.all(call, place);
		return rows.filter((row) => this.#collect(Number(row.message_n))).length;
	}

	/** Deletes texts that no call uses: ledgers of earlier versions have some. Returns how many. */
	sweep(): number {
		const unused = this.#unused.all();
		return unused.filter((row) => this.#collect(Number(row.n))).length;
	}

	/** The SHA-256 under which a text is stored, in hex. */
	digest(n: number): string | null {
		const row = this.#readDigest.get(n) as { digest: Uint8Array } | undefined;
		return row ? Buffer.from(row.digest).toString('hex') : null;
	}

	/**
	 * Puts the words of new texts into the index. At the end of a transaction, in one go: most statements between two
	 * insertions would make FTS5 write out what it has gathered, at ten times the cost.
	 */
	flush(): void {
		for (const [n, json] of this.#unindexed) {
			this.#index?.run(n, searchableText(json).slice(0, MAX_INDEXED_CHARS));
		}
		this.#unindexed.clear();
	}

	forget(): void {
		this.#numbers.clear();
		this.#indexed.clear();
		this.#unindexed.clear();
	}

	#collect(n: number): boolean {
		if (this.#isUsed.get(n)) return false;
		if (!this.#unindexed.delete(n)) this.#unindex?.run(n);
		this.#remove.run(n);
		this.#numbers.clear();
		this.#indexed.clear();
		return true;
	}

	#addWords(n: number, json: string, mark: boolean): void {
		this.#unindexed.set(n, json);
		if (mark) this.#markIndexed.run(n);
		this.#indexed.add(n);
	}

	#remember(digest: string, n: number): void {
		if (this.#numbers.size >= MAX_REMEMBERED) {
			this.#numbers.clear();
			this.#indexed.clear();
		}
		this.#numbers.set(digest, n);
	}
}
