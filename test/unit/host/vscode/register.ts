/** From here on in this process, `vscode` is the stub beside this file. */
import { registerHooks } from 'node:module';

registerHooks({
	resolve: (specifier, context, next) =>
		specifier === 'vscode'
			? { url: new URL('./stub.ts', import.meta.url).href, shortCircuit: true }
			: next(specifier, context),
});
