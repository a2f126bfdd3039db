/** What the handlers of hosted models need. The key is handed in for each handler and kept nowhere else. */
export interface HostedModelOptions {
	apiKey: string;
	/** Model id as the provider names it. */
	model: string;
	/** Address of a compatible service; absent: the provider's own. Never taken from the environment. */
	baseUrl?: string | undefined;
	/** Provider name for the record, when the address is not the provider's own: `openrouter`, `groq`, … */
	provider?: string | undefined;
	/** Most tokens to generate. */
	maxTokens?: number | undefined;
	temperature?: number | undefined;
	/**
	 * How often the client library tries again by itself before anything was streamed (429, 5xx, no connection).
	 * Those tries happen inside one `createMessage`: they are one call in the record, whose latency includes them.
	 * Default 2, as the libraries have it.
	 */
	maxRetries?: number | undefined;
	/** Longest wait for an answer to begin, in ms. Default 600,000, as the libraries have it. */
	timeoutMs?: number | undefined;
}
