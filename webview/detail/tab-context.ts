/** What a tab knows and may ask of the view around it. */
export interface TabContext {
	/** Texts stand as they were written, not read as Markdown. */
	asWritten: boolean;
	showAsWritten(asWritten: boolean): void;
	/** Goes to another call. */
	visit(callId: string): void;
}
