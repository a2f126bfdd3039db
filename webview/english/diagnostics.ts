/** The Diagnostics page. */
export const diagnosticsTexts = {} as const;
