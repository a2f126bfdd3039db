import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What Callmeter has written to its log, in all windows of a server so far. VS Code writes it with a delay. */
export function readCallmeterLog(serverData: string): string {
	return globSync('data/logs/**/callmeter.callmeter/Callmeter.log', { cwd: serverData })
		.map((file) => readFileSync(join(serverData, file), 'utf8'))
		.join('');
}
