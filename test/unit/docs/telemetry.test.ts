import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { completionPropertiesSchema } from '../../../src/core/completion-event.ts';
import { completionRecordSchema, completionRequest } from '../../../src/telemetry/completion-record.ts';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/telemetry.md'), 'utf8');

describe('docs/telemetry.md', () => {
	it('lists every property of the event, its type, and whether it is always there', () => {
		const { properties = {}, required = [] } = z.toJSONSchema(completionPropertiesSchema);
		const inSchema = Object.entries(properties).map(([name, schema]) => {
			assert.ok(typeof schema === 'object');
			return [name, schema.type, required.includes(name) ? 'yes' : 'no'];
		});
		const table = page.slice(page.indexOf('## Every property'), page.indexOf('## See it'));
		const inPage = [...table.matchAll(/^\| `(\w+)` \| (\w+) \| (yes|no) \|/gm)].map(([, ...cells]) => cells);
		assert.deepEqual(inPage, inSchema);
	});

	it('shows a request as it is made', () => {
		const [, text = ''] = /```json\n(\{\n\t"resourceLogs"[\s\S]*?)\n```/.exec(page) ?? [];
		const shown = JSON.parse(text);
		const [{ timeUnixNano, attributes }] = shown.resourceLogs[0].scopeLogs[0].logRecords;
		const values = attributes.map(({ key, value }: { key: string; value: Record<string, string | number> }) => [
			key,
			value.stringValue ?? Number(value.intValue ?? value.doubleValue),
		]);
		const { 'log.record.uid': id, ...properties } = Object.fromEntries(values);
		const record = completionRecordSchema.parse({ id, timeMs: Number(timeUnixNano) / 1e6, properties });
		assert.deepEqual(JSON.parse(completionRequest([record])), shown);
	});
});
