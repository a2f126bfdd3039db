/**
 * Preloaded into the extension host: gives VS Code a logger that writes files. Its own one is a native module, which the
 * server that tests install goes without.
 */
import { registerHooks } from 'node:module';

const logger = new URL('./logger.mjs', import.meta.url).href;

registerHooks({
	resolve: (specifier, context, next) =>
		specifier === '@vscode/spdlog' ? { url: logger, format: 'module', shortCircuit: true } : next(specifier, context),
});
