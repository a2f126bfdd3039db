/** Preloaded (`node --import`): `callmeter/sdk` is what stands in `src`, not what was built last. */
import { registerHooks } from 'node:module';

const sdk = new URL('../../src/sdk/sdk.ts', import.meta.url).href;

registerHooks({
	resolve: (specifier, context, next) =>
		specifier === 'callmeter/sdk'
			? { url: sdk, format: 'module-typescript', shortCircuit: true }
			: next(specifier, context),
});
