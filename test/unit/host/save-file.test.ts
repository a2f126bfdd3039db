import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import './vscode/register.ts';
import type * as saveModule from '../../../src/host/save-file.ts';

describe('a file that the panel has saved', () => {
	let fileName: typeof saveModule.fileName;
	before(async () => {
		({ fileName } = await import('../../../src/host/save-file.ts'));
	});

	it('is named as proposed, with the ending of its type', () => {
		assert.equal(fileName('cost by model', 'csv'), 'cost by model.csv');
		assert.equal(fileName('call.json', 'json'), 'call.json');
		assert.equal(fileName('Kosten 2026-08', 'png'), 'Kosten 2026-08.png');
	});

	it('cannot be named into another folder, nor as what some system reads otherwise', () => {
		for (const name of [
			'../../.bashrc',
			'/etc/passwd',
			'C:\\\\x',
			'a\u0000b',
			'..',
			'',
			'x/../../y',
			'.hidden',
			'a:b|c?',
		]) {
			const named = fileName(name, 'csv');
			assert.ok(named.endsWith('.csv') && !named.startsWith('.') && !named.startsWith('-'), named);
			assert.ok(
				[...named].every((char) => char >= ' ' && !'/\\:|?*<>"'.includes(char)),
				named,
			);
		}
		assert.ok(fileName('x'.repeat(5000), 'csv').length < 200);
	});
});
