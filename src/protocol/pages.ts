/** The parts of the panel, in the order of its sidebar. A file of its own, so that the panel need not load the schemas. */
export const panelPages = ['overview', 'prompts', 'analytics', 'diagnostics', 'sources'] as const;
/** A part of the panel. */
export type PanelPage = (typeof panelPages)[number];
