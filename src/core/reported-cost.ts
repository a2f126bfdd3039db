/**
 * USD that OpenRouter's `usage` object reports for a call, `null` when it reports none. With the user's own key at the
 * upstream provider (`is_byok`) `cost` is only OpenRouter's fee and the upstream's cost comes on top; otherwise `cost`
 * has it in already, and adding it would count it twice.
 * Source: OpenRouter, "Usage Accounting" (`usage.cost`, `usage.cost_details.upstream_inference_cost`, `usage.is_byok`).
 */
export function costUsdFromOpenRouter(usage: unknown): number | null {
	if (typeof usage !== 'object' || usage === null) return null;
	const cost = amount(Reflect.get(usage, 'cost'));
	if (cost === null || Reflect.get(usage, 'is_byok') !== true) return cost;
	const details: unknown = Reflect.get(usage, 'cost_details');
	const upstream =
		typeof details === 'object' && details !== null ? amount(Reflect.get(details, 'upstream_inference_cost')) : null;
	return cost + (upstream ?? 0);
}

function amount(value: unknown): number | null {
	return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
