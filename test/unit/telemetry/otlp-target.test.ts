import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { otlpAddress, parseHeaders } from '../../../src/telemetry/otlp-target.ts';

describe('the address that OTLP is sent to', () => {
	for (const [text, url] of [
		['https://collector.example.com', 'https://collector.example.com/v1/logs'],
		['https://collector.example.com/', 'https://collector.example.com/v1/logs'],
		[' https://collector.example.com:4318/otlp/ ', 'https://collector.example.com:4318/otlp/v1/logs'],
		['https://collector.example.com/v1/logs', 'https://collector.example.com/v1/logs'],
		['http://127.0.0.1:4318', 'http://127.0.0.1:4318/v1/logs'],
		['http://localhost:4318', 'http://localhost:4318/v1/logs'],
		['http://[::1]:4318', 'http://[::1]:4318/v1/logs'],
	] as const) {
		it(`is ${url} for ${JSON.stringify(text)}`, () => {
			assert.deepEqual(otlpAddress(text, 'logs'), { url, origin: new URL(url).origin });
		});
	}

	it('has the path of its signal', () => {
		assert.deepEqual(otlpAddress('https://a.example', 'traces'), {
			url: 'https://a.example/v1/traces',
			origin: 'https://a.example',
		});
	});

	for (const [text, problem] of [
		['collector.example.com', 'notAUrl'],
		['localhost:4318', 'notAUrl'],
		['https://', 'notAUrl'],
		['https:collector.example.com', 'notAUrl'],
		['file:///etc/passwd', 'notAUrl'],
		['http://collector.example.com', 'notHttps'],
		['http://127.0.0.1.example.com', 'notHttps'],
		['http://10.0.0.1:4318', 'notHttps'],
		['http://0.0.0.0:4318', 'notHttps'],
		['https://user:secret@collector.example.com', 'hasCredentials'],
		['https://token@collector.example.com', 'hasCredentials'],
		['https://collector.example.com/?api_key=secret', 'hasQuery'],
		['https://collector.example.com/#part', 'hasQuery'],
	] as const) {
		it(`is refused as ${problem}: ${text}`, () => assert.deepEqual(otlpAddress(text, 'logs'), { problem }));
	}
});

describe('headers that a person writes', () => {
	for (const [text, headers] of [
		['', {}],
		['api-key=secret', { 'api-key': 'secret' }],
		['Api-Key=secret, x-team=blue ', { 'api-key': 'secret', 'x-team': 'blue' }],
		['authorization=Basic%20abc%3D%3D', { authorization: 'Basic abc==' }],
		['authorization=Basic abc==', { authorization: 'Basic abc==' }],
		['Authorization: Bearer a=b,c', { authorization: 'Bearer a=b,c' }],
		['Authorization: Bearer abc\nX-Team: blue', { authorization: 'Bearer abc', 'x-team': 'blue' }],
	] as const) {
		it(`are read: ${JSON.stringify(text)}`, () => assert.deepEqual(parseHeaders(text), headers));
	}

	for (const text of [
		'secret',
		'=secret',
		'api-key=',
		'api key=secret',
		'api-key=%zz',
		'api-key=a%0d%0ax-evil:1',
		'host=evil.example',
		'Content-Length: 3',
		'api-key=schlüssel',
	]) {
		it(`are refused: ${JSON.stringify(text)}`, () => assert.equal(parseHeaders(text), null));
	}
});
