import assert from 'node:assert/strict';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { T0 } from './payloads.ts';
import { Receiving } from './receiving.ts';

const resource = resourceFromAttributes({ 'service.name': 'sdk-agent', 'process.cwd': '/home/someone/project' });
const conversation = 'conversation-sdk';

function attributesOf(index: number): Record<string, string | number | string[]> {
	return {
		'gen_ai.operation.name': 'chat',
		'gen_ai.provider.name': 'anthropic',
		'gen_ai.request.model': 'claude-opus-4-6',
		'gen_ai.response.model': 'claude-opus-4-6',
		'gen_ai.response.id': `msg_01SdkSdkSdkSdkSdk${index}`,
		'gen_ai.response.finish_reasons': ['end_turn'],
		'gen_ai.conversation.id': conversation,
		'gen_ai.usage.input_tokens': 21_290 + index,
		'gen_ai.usage.output_tokens': 128,
		'gen_ai.usage.cache_read.input_tokens': 15_498,
		'gen_ai.usage.cache_creation.input_tokens': 0,
		'gen_ai.input.messages': JSON.stringify([
			{ role: 'user', parts: [{ type: 'text', content: `Question ${index} ✓` }] },
		]),
	};
}

describe('the OTLP receiver with OpenTelemetry’s own SDK', () => {
	let receiving: Receiving;
	beforeEach(async () => {
		receiving = new Receiving();
		await receiving.start();
	});
	afterEach(() => receiving.stop());

	for (const [name, Traces, compression] of [
		['JSON', JsonTraces, 'none'],
		['JSON, compressed', JsonTraces, 'gzip'],
		['protobuf', ProtobufTraces, 'none'],
		['protobuf, compressed', ProtobufTraces, 'gzip'],
	] as const) {
		it(`takes every span that it exports as ${name}`, async () => {
			const exporter = new Traces({ url: `${receiving.endpoint}/v1/traces`, compression: compression as never });
			const provider = new BasicTracerProvider({
				resource,
				spanProcessors: [new BatchSpanProcessor(exporter, { maxExportBatchSize: 20 })],
			});
			const tracer = provider.getTracer('test');
			for (let index = 0; index < 50; index++) {
				const agent = tracer.startSpan('invoke_agent', {
					startTime: T0,
					attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 999 },
				});
				const span = tracer.startSpan('chat', { startTime: T0 + index, attributes: attributesOf(index) });
				span.end(T0 + index + 500);
				agent.end(T0 + 60_000);
			}
			await provider.forceFlush();
			await provider.shutdown();
			const totals = await receiving.ledger.totals({});
			const sum = 50 * 21_290 + (49 * 50) / 2;
			assert.deepEqual([totals.calls, totals.inputTokens, totals.outputTokens], [50, sum, 50 * 128]);
			const [row] = await receiving.rows();
			assert.deepEqual(
				[row?.agentId, row?.sessionId, row?.startedAtMs, row?.latencyMs],
				['sdk-agent', conversation, T0, 500],
			);
			const detail = await receiving.ledger.call(row?.callId ?? '');
			assert.deepEqual(detail?.messages, [{ role: 'user', content: 'Question 0 ✓' }]);
			assert.equal(detail?.folder, '/home/someone/project');
			// 5,792 at $5, 15,498 read at $0.50 and 128 at $25 a million.
			assert.equal(row?.cost?.nanoUsd, 5_792 * 5_000 + 15_498 * 500 + 128 * 25_000);
		});
	}

	for (const [name, Logs] of [
		['JSON', JsonLogs],
		['protobuf', ProtobufLogs],
	] as const) {
		it(`takes every event that it exports as ${name}`, async () => {
			const exporter = new Logs({ url: `${receiving.endpoint}/v1/logs` });
			const provider = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter })] });
			const logger = provider.getLogger('test');
			for (let index = 0; index < 50; index++) {
				const eventName = 'gen_ai.client.inference.operation.details';
				logger.emit({ eventName, timestamp: T0 + index, attributes: attributesOf(index) });
				logger.emit({ body: 'An ordinary line.', timestamp: T0 + index });
			}
			await provider.forceFlush();
			await provider.shutdown();
			assert.deepEqual([(await receiving.ledger.totals({})).calls, receiving.receiver.counts.ignored], [50, 50]);
		});
	}
});
