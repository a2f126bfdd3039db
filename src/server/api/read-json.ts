import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { peek } from '../../core/foreign.ts';
import { maxBodyBytes, tooLargeText } from '../pass-body.ts';
import { ApiProblem } from './api-problem.ts';

const inflate = promisify(gunzip);

/** The JSON value in a body. What is no JSON, or grows beyond all measure when it is inflated, throws `ApiProblem`. */
export async function readJson(body: Uint8Array, gzip: boolean): Promise<unknown> {
	const bytes = gzip ? await inflated(body) : body;
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		// The parser's own words quote the text, which may be a prompt.
		throw new ApiProblem(400, bytes.length === 0 ? 'The body is empty.' : 'The body is no JSON in UTF-8.');
	}
}

async function inflated(body: Uint8Array): Promise<Uint8Array> {
	try {
		return await inflate(body, { maxOutputLength: maxBodyBytes });
	} catch (error) {
		if (peek(error, 'code') !== 'ERR_BUFFER_TOO_LARGE') throw new ApiProblem(400, 'The body is not gzip.');
		throw new ApiProblem(413, `${tooLargeText.slice(0, -1)} when it is inflated.`);
	}
}
