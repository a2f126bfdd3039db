/**
 * The version that `table.json` was made from, and the day on which it was published. `npm run prices` writes both files.
 * Apart from the table, which the host does not load.
 */
export const pricesAsOf = { source: 'genai-prices 0.1.8', date: '2026-09-23' } as const;
