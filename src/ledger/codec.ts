import * as zlib from 'node:zlib';

/** The codec byte of a stored blob. */
export const RAW = 0;
export const GZIP = 1;
export const ZSTD = 2;

export type CodecName = 'zstd' | 'gzip';

/** Below this many bytes compression saves less than its frame costs. */
const MIN_COMPRESSED_BYTES = 200;
const ZSTD_LEVEL = 3;
const MIN_CHUNK_BYTES = 64;
const GZIP_LEVEL = 6;

/** The better codec that this runtime has. Node has zstd from 22.15 on; what was written with gzip stays readable. */
export function detectCodec(): CodecName {
	return typeof zlib.zstdCompressSync === 'function' ? 'zstd' : 'gzip';
}

export interface Encoded {
	codec: number;
	/** Bytes of the text in UTF-8. */
	size: number;
	body: Uint8Array;
}

/** Text as a blob, compressed where that pays. */
export function encode(text: string, name: CodecName): Encoded {
	const bytes = Buffer.from(text, 'utf8');
	if (bytes.length >= MIN_COMPRESSED_BYTES) {
		const packed = name === 'zstd' ? packZstd(bytes) : zlib.gzipSync(bytes, { level: GZIP_LEVEL });
		if (packed.length < bytes.length) {
			return { codec: name === 'zstd' ? ZSTD : GZIP, size: bytes.length, body: packed };
		}
	}
	return { codec: RAW, size: bytes.length, body: bytes };
}

/** The text of a blob that `encode` made. Throws when the blob is damaged, or its codec is not in this runtime. */
export function decode(codec: number, body: Uint8Array): string {
	switch (codec) {
		case RAW:
			return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
		case GZIP:
			return zlib.gunzipSync(body).toString('utf8');
		case ZSTD:
			return zlib.zstdDecompressSync(body).toString('utf8');
		default:
			throw new Error(`Unknown codec ${codec}`);
	}
}

function packZstd(bytes: Uint8Array): Uint8Array {
	return zlib.zstdCompressSync(bytes, {
		params: { [zlib.constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
		// Sized to the text, the compressor takes less memory and so less time.
		pledgedSrcSize: bytes.length,
		chunkSize: Math.max(MIN_CHUNK_BYTES, bytes.length),
	});
}
