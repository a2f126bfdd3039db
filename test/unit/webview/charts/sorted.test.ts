import assert from 'node:assert/strict';
import type { TableData } from '../../../../webview/charts/picture.ts';
import { sorted } from '../../../../webview/charts/sorted.ts';

const table: TableData = {
	columns: [
		{ id: 'model', label: 'Model', number: false },
		{ id: 'cost', label: 'Cost', number: true },
	],
	rows: [
		['model-10', 2],
		['Model-9', null],
		['model-2', 30],
		['älteres', 4],
	].map(([name = null, cost = null]) => ({
		cells: [
			{ text: String(name), raw: name },
			{ text: `$${cost}`, raw: cost },
		],
		filter: null,
	})),
};
const order = (column: string, descending: boolean) =>
	sorted(table, { column, descending }, 'de').rows.map(({ cells }) => cells[0]?.text);

describe('a sorted table', () => {
	it('goes by the figure and not by its text, with what is unknown last either way', () => {
		assert.deepEqual(order('cost', true), ['model-2', 'älteres', 'model-10', 'Model-9']);
		assert.deepEqual(order('cost', false), ['model-10', 'älteres', 'model-2', 'Model-9']);
	});

	it('goes by names as people of the locale do', () => {
		assert.deepEqual(order('model', false), ['älteres', 'model-2', 'Model-9', 'model-10']);
	});

	it('stays as it is for a column that it does not have', () => {
		assert.deepEqual(order('gone', true), ['model-10', 'Model-9', 'model-2', 'älteres']);
	});
});
