import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What Callmeter has written to its log so far, in all windows of a server that was opened with `logFiles`. */
export function readCallmeterLog(serverData: string): string {
	return globSync('data/logs/**/callmeter.callmeter/Callmeter.log', { cwd: serverData })
		.map((file) => readFileSync(join(serverData, file), 'utf8'))
		.join('');
}
