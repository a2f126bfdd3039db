import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { sources } from '../../../src/sources/catalog.ts';

const root = join(import.meta.dirname, '../../..');
const switches = z.object({
	contributes: z.object({
		configuration: z.object({
			properties: z.object({
				'callmeter.sources.enabled': z.object({
					properties: z.record(z.string(), z.looseObject({ type: z.literal('boolean'), default: z.literal(true) })),
					default: z.record(z.string(), z.literal(true)),
				}),
			}),
		}),
	}),
});

describe('the setting callmeter.sources.enabled', () => {
	it('has a switch for each source, on unless it is switched off', () => {
		const manifest = switches.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
		const setting = manifest.contributes.configuration.properties['callmeter.sources.enabled'];
		const ids = sources.map(({ id }) => id).sort();
		assert.deepEqual(Object.keys(setting.properties).sort(), ids);
		assert.deepEqual(Object.keys(setting.default).sort(), ids);
	});
});
