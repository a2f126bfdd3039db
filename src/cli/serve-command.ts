import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ContentSetting } from '../core/redact.ts';
import type { LedgerClient } from '../ledger/ledger-client.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { OfferedApi } from '../server/api/offered-api.ts';
import { ServerList } from '../server/discovery/server-list.ts';
import { serversDirectory } from '../server/discovery/server-place.ts';
import { LocalServer, LocalServerError, type Route } from '../server/local-server.ts';
import { OtlpReceiver } from '../server/otlp/otlp-receiver.ts';
import { otlpRoutes } from '../server/otlp/otlp-routes.ts';
import { ProxyRecorder } from '../server/proxy/proxy-recorder.ts';
import { proxyRoute } from '../server/proxy/proxy-route.ts';
import { readTargets } from '../server/proxy/targets.ts';
import { contentSettings } from './content-settings.ts';
import { CliProblem, type Environment } from './environment.ts';
import { type LedgerFile, ledgerToWrite } from './find-ledger.ts';
import { KeptSettings } from './kept-settings.ts';
import { lines as alignedLines } from './lines.ts';
import { printable, printableLines } from './printable.ts';

/** The one of the extension's setting `callmeter.server.port`. */
const defaultPort = 47_318;
const highestPort = 65_535;
/** How long answers under way may take once it is to stop, in milliseconds. */
const graceMs = 5_000;

interface ServeOptions {
	port: number;
	ledger?: string;
	content: ContentSetting;
	otlp: boolean;
	proxy: boolean;
	proxyTarget: Record<string, string>;
	showToken?: true;
	json?: true;
}

/** What `callmeter serve --json` prints, once it listens. */
interface ServeJson {
	/** `http://127.0.0.1:PORT`. */
	endpoint: string;
	port: number;
	pid: number;
	/** The one that `GET /api/server` tells. */
	instance: string;
	/** Absolute. */
	ledger: string;
	/** Absolute path of the file that holds the token. */
	tokenFile: string;
	/** Only with `--show-token`. */
	token?: string;
	otlp: boolean;
	proxy: boolean;
}

/** `callmeter serve`. */
export function addServeCommand(program: Command, environment: Environment): void {
	program
		.command('serve')
		.description('take calls over HTTP without VS Code: the API, OTLP and the recording proxy, on 127.0.0.1')
		.option('--port <number>', 'the port; the next free one where it is taken, and any with 0', portOf, defaultPort)
		.option('--ledger <file>', 'the ledger to write (default: the one of the current folder)')
		.addOption(
			new Option(
				'--content <setting>',
				'prompts and completions: kept, kept as counts, or not at all; never more than VS Code is set to',
			)
				.choices(contentSettings)
				.default('full'),
		)
		.option('--no-otlp', 'take no OTLP')
		.option('--no-proxy', 'forward nothing to providers')
		.option('--proxy-target <name=url>', 'another provider that the proxy may forward to; may be repeated', target, {})
		.option('--show-token', 'print the token; by default only where it is kept is told')
		.option('--json', 'print where it listens as one line of JSON')
		.addHelpText(
			'after',
			`
It listens on 127.0.0.1 alone, until it is interrupted. Programs on this machine find it by themselves, and ask with
the token that it names the file of: Authorization: Bearer TOKEN. docs/http-api.md says what there is to ask.

Examples:
  callmeter serve
  callmeter serve --port 8080 --ledger ~/llm.db --no-proxy
  curl -H "Authorization: Bearer $(cat ~/.local/share/callmeter/servers/token)" http://127.0.0.1:47318/api/analytics/llm`,
		)
		.action((options: ServeOptions) => serve(options, environment));
}

async function serve(options: ServeOptions, environment: Environment): Promise<void> {
	const { signal } = environment;
	const { promise: stopped, resolve } = Promise.withResolvers<void>();
	signal.addEventListener('abort', () => resolve(), { once: true });
	if (signal.aborted) return;
	const place = ledgerToWrite(environment, options.ledger);
	const settings = new KeptSettings(environment, place.file, options.content);
	const ledger = openLedger({ file: place.file, workerPath: environment.workers.ledger, ...settings.toOpen() });
	const stopFollowing = settings.follow(ledger);
	const parts = new Parts();
	try {
		const { error, setAside } = await ledger.health();
		// What takes no calls should not say that it does.
		if (error !== null) throw new CliProblem(error.message);
		if (setAside !== null) {
			environment.err.write(printableLines(`${place.file} could not be used. It was put aside as ${setAside}.\n`));
		}
		await run(options, environment, { place, ledger, parts, stopped });
	} finally {
		await parts.close();
		stopFollowing();
		await ledger.close();
	}
}

interface Running {
	place: LedgerFile;
	ledger: LedgerClient;
	parts: Parts;
	/** Resolves when it is to stop. */
	stopped: Promise<void>;
}

async function run(options: ServeOptions, environment: Environment, running: Running): Promise<void> {
	const { place, ledger, parts, stopped } = running;
	const { workers, err, out, version } = environment;
	const warn = (message: string) => err.write(`${printableLines(message)}\n`);
	const log = { info: () => undefined, warn };
	const list = new ServerList(serversDirectory(environment));
	const api = offeredApi({
		list,
		version,
		log,
		folders: () => place.folders,
		workerFile: workers.api,
		connectLedger: () => ledger.clientPort(),
	});
	parts.add(() => api.close());
	const routes: Route[] = [...api.routes];
	if (options.otlp) {
		const receiver = new OtlpReceiver({ workerFile: workers.otlp, connectLedger: () => ledger.importPort(), log });
		parts.add(() => receiver.dispose());
		routes.push(...otlpRoutes(receiver));
	}
	const { targets, refused } = readTargets(options.proxyTarget);
	if (refused.length > 0) throw new CliProblem(`--proxy-target: no usable base URL for ${refused.join(', ')}`);
	if (options.proxy) {
		const recorder = new ProxyRecorder({
			workerFile: workers.proxy,
			connectLedger: () => ledger.importPort(),
			log: warn,
		});
		parts.add(() => recorder.stop());
		routes.push(proxyRoute({ target: (name) => targets.get(name), sink: recorder, folder: place.folders[0] ?? null }));
	}
	const server = new LocalServer({ routes, port: options.port, log });
	const { port, wantedPort, endpoint } = await server.start().catch(portProblem(options.port));
	parts.add(() => server.stop(graceMs));
	try {
		api.listening(port);
	} catch (error) {
		warn(`The list of servers could not be written, so that no program finds this one: ${reasonOf(error)}`);
	}
	if (port !== wantedPort) warn(`Port ${wantedPort} is taken.`);
	const tokenFile = list.tokenFile;
	const token = list.tokenOrNew();
	if (options.json) {
		const { otlp, proxy } = options;
		const told: ServeJson = {
			...{ endpoint, port, pid: process.pid, instance: api.instance, ledger: place.file, tokenFile },
			...(options.showToken && { token }),
			...{ otlp, proxy },
		};
		out.write(`${JSON.stringify(told)}\n`);
	} else {
		const lines = [
			['Listens on', endpoint],
			['Ledger', place.file],
			['API', `${endpoint}/api`],
			...(options.otlp ? [['OTLP', `${endpoint}  (OTEL_EXPORTER_OTLP_ENDPOINT)`]] : []),
			...(options.proxy ? [['Proxy', `${endpoint}/proxy/<${[...targets.keys()].join('|')}>`]] : []),
			['Token', options.showToken ? token : `${tokenFile}  (--show-token prints it)`],
		];
		out.write(`${alignedLines(lines.map(([name = '', value = '']) => [name, printable(value)]))}\n`);
		err.write('Ctrl-C stops it.\n');
	}
	await stopped;
}

function offeredApi(options: ConstructorParameters<typeof OfferedApi>[0]): OfferedApi {
	try {
		return new OfferedApi(options);
	} catch (error) {
		throw new CliProblem(`The token cannot be kept in ${options.list.tokenFile}: ${reasonOf(error)}`);
	}
}

/** What was started, to be ended from the last to the first. */
class Parts {
	readonly #ends: (() => Promise<unknown>)[] = [];

	add(end: () => Promise<unknown>): void {
		this.#ends.push(end);
	}

	/** One that cannot be ended keeps none of the others. */
	async close(): Promise<void> {
		for (const end of this.#ends.splice(0).reverse()) await end().catch(() => undefined);
	}
}

function portProblem(wanted: number): (error: unknown) => never {
	return (error) => {
		if (!(error instanceof LocalServerError)) throw error;
		const what: Partial<Record<LocalServerError['reason'], string>> = {
			noFreePort: `No port is free from ${wanted} on.`,
			notAllowed: `Port ${wanted} may not be used.`,
		};
		throw new CliProblem(what[error.reason] ? `${what[error.reason]} Choose another with --port.` : error.message);
	};
}

function portOf(text: string): number {
	const port = Number(text);
	if (Number.isInteger(port) && port >= 0 && port <= highestPort && text.trim() !== '') return port;
	throw new InvalidArgumentError(`It must be a whole number from 0 to ${highestPort}.`);
}

function target(text: string, before: Record<string, string>): Record<string, string> {
	const at = text.indexOf('=');
	if (at < 1) throw new InvalidArgumentError('It must be a name and a base URL: openrouter=https://openrouter.ai/api');
	return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function reasonOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
