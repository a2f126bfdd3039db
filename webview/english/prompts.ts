/** The Prompts page. */
export const promptsTexts = {} as const;
