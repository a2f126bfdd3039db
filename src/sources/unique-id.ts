/** Random characters that make an id one of its kind. */
const minLength = 16;

/**
 * Whether an id that a provider gave to an answer or a request is likely to be the only one of its kind anywhere: then
 * it tells that two records are of one call. Servers on the user's own machine often count instead, or draw from a
 * thousand (`chatcmpl-123`), which would make one call of many.
 */
export function isUniqueId(id: string): boolean {
	return id.replace(/^[a-z]+[-_]/, '').length >= minLength;
}
