import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';

/** Versions that are tried, from the newest on: each has a binary for each system, and a mirror may lack some. */
const tries = 5;

/** The peer of the index bench: `ccusage` from npm. */
export interface Ccusage {
	version: string;
	/** Its binary: the launcher of Node before it is no part of what is measured. */
	binary: string;
}

export interface CcusageMeasured {
	wallMs: number;
	peakMb: number;
	inputTokens: number;
	outputTokens: number;
	costUsd: number;
}

/** Installs the newest version that runs, in the folder for temporary files. `null`: none does. */
export function installCcusage(): Ccusage | null {
	try {
		const listed = npm(['view', 'ccusage', 'versions', '--json']);
		const versions = z.array(z.string()).parse(JSON.parse(listed)).reverse().slice(0, tries);
		for (const version of versions) {
			const prefix = join(tmpdir(), 'callmeter-ccusage', version);
			const binary = join(prefix, `node_modules/@ccusage/ccusage-${process.platform}-${process.arch}/bin/ccusage`);
			mkdirSync(prefix, { recursive: true });
			if (!existsSync(binary)) npm(['install', '--no-save', '--prefix', prefix, `ccusage@${version}`]);
			if (!existsSync(binary)) continue;
			// Its launcher would do that at its first start.
			chmodSync(binary, 0o755);
			return { version, binary };
		}
	} catch {
		// No network, and none installed before.
	}
	return null;
}

/** Runs it over all agents of a home, without the network. The best of `runs`. */
export async function runCcusage({ binary }: Ccusage, home: string, runs: number): Promise<CcusageMeasured> {
	let best: CcusageMeasured | null = null;
	for (let run = 0; run < runs; run++) {
		const measured = await runOnce(binary, home);
		if (best === null || measured.wallMs < best.wallMs) best = measured;
	}
	if (best === null) throw new Error('ccusage was not run.');
	return best;
}

const totalsSchema = z.object({
	totals: z.object({
		inputTokens: z.number(),
		outputTokens: z.number(),
		cacheCreationTokens: z.number(),
		cacheReadTokens: z.number(),
		totalCost: z.number(),
	}),
});

async function runOnce(binary: string, home: string): Promise<CcusageMeasured> {
	const startedAt = performance.now();
	const child = spawn(binary, ['daily', '--json', '--offline'], {
		env: { PATH: process.env.PATH, HOME: home },
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	let peakMb = 0;
	const sampler = setInterval(() => {
		peakMb = Math.max(peakMb, peakOf(child.pid ?? 0));
	}, 10);
	let text = '';
	child.stdout.setEncoding('utf8').on('data', (part: string) => {
		text += part;
	});
	const ended = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
	const code = await ended.finally(() => clearInterval(sampler));
	const wallMs = performance.now() - startedAt;
	if (code !== 0) throw new Error(`ccusage ended with ${code}`);
	const { totals } = totalsSchema.parse(JSON.parse(text));
	return {
		wallMs,
		peakMb,
		inputTokens: totals.inputTokens + totals.cacheCreationTokens + totals.cacheReadTokens,
		outputTokens: totals.outputTokens,
		costUsd: totals.totalCost,
	};
}

/** The most memory that a process had so far, in MB; 0 where the system does not tell. */
function peakOf(pid: number): number {
	try {
		return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
	} catch {
		return 0;
	}
}

function npm(args: string[]): string {
	const beside = join(dirname(process.execPath), 'npm');
	const command = existsSync(beside) ? beside : 'npm';
	return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 120_000 });
}
