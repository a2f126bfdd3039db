import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basketTotal } from '../src/basket.js';

test('takes five per cent off a large basket', () => {
	assert.equal(basketTotal([{ priceCents: 20_000, count: 1 }]), 19_000);
});

test('takes nothing off a small one', () => {
	assert.equal(basketTotal([{ priceCents: 500, count: 2 }]), 1_000);
});
