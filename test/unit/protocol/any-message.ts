import * as fc from 'fast-check';
import { requestSchema } from '../../../src/protocol/messages.ts';

const kinds = requestSchema.options.map(({ shape }) => shape.kind.value);
const fields = [...new Set(requestSchema.options.flatMap(({ shape }) => Object.keys(shape)))];

const odd = fc.oneof(
	fc.anything(),
	fc.constantFrom(
		null,
		undefined,
		Number.NaN,
		Number.POSITIVE_INFINITY,
		-1,
		2 ** 53,
		'',
		'\ud800',
		'__proto__',
		'constructor',
	),
	fc.integer({ min: 0, max: 600 }),
	fc.constantFrom('newest', 'csv', 'day', 'UTC', true, {}, [], { fromMs: 0, toMs: 1 }, { offset: 0 }),
	fc.constant('x'.repeat(100_000)),
	fc.constant(JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}')),
);

/** A request of a kind that there is, with fields that may be of any type. */
const anyRequest = fc
	.tuple(
		fc.constantFrom(...kinds, 'sql', '__proto__'),
		fc.dictionary(fc.constantFrom(...fields, '__proto__', 'x'), odd),
	)
	.map(([kind, rest]) => ({ ...rest, kind }));

/** What a panel that was taken over might post. */
export const anyMessage: fc.Arbitrary<unknown> = fc.oneof(
	odd,
	fc.record({ type: fc.constantFrom('ready', 'fault', 'reply', 'x'), message: odd }, { requiredKeys: ['type'] }),
	fc.record({ type: fc.constant('request'), id: fc.oneof(fc.nat(), odd), request: fc.oneof(anyRequest, odd) }),
);
