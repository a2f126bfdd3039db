import assert from 'node:assert/strict';
import { isUniqueId } from '../../../src/sources/unique-id.ts';

describe('an id that a provider gave', () => {
	it('is taken for unique when it is long enough to be', () => {
		for (const id of [
			'chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012',
			'msg_01XFDUDYJgAACzvnptvVoYEL',
			'resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b',
			'req_011CSHoEeqs5C35K2UUqR7Fy',
			'62f29fb2-9cfa-4de9-8757-f62ff0377317',
			'C0DE:2A1F4:1B2C3D:4E5F60:6543210F',
		]) {
			assert.ok(isUniqueId(id), id);
		}
	});

	it('is not when it is a number with a name before it', () => {
		for (const id of ['chatcmpl-123', 'msg_lab0000', 'chatcmpl-lab0000', 'req_1', '', '42'])
			assert.ok(!isUniqueId(id), id);
	});
});
