/** The Analytics page. */
export const analyticsTexts = {} as const;
