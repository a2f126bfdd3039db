/**
 * A window as a process of its own, for tests: adds events to the queue, and sends until it is told to end.
 *
 *     node window-process.ts <folder of the queue> <address> <name> <first event> <last event>
 */
import { EventSpool } from '../../../src/telemetry/event-spool.ts';
import { NetworkSink } from '../../../src/telemetry/network-sink.ts';
import { OtlpSender } from '../../../src/telemetry/otlp-sender.ts';
import { completionProperties } from './completion-properties.ts';

const [directory = '', url = '', name = '', first = '0', last = '0'] = process.argv.slice(2);
const silent = () => undefined;
const sink = new NetworkSink({
	spool: new EventSpool(directory),
	sender: async () => new OtlpSender({ url, headers: {}, userAgent: name }),
	log: { debug: silent, info: silent, warn: silent },
	backoff: { firstMs: 4, maxMs: 20 },
	limits: { batchDelayMs: 20, leaseRetryMs: 20, batchRecords: 10 },
});
for (let n = Number(first); n <= Number(last); n++) sink.add(completionProperties({ inputTokens: n }));
process.stdin.resume();
process.stdin.once('end', () => void sink.close().then(() => process.exit()));
