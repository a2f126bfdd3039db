/** The Overview page. */
export const overviewTexts = {} as const;
