// @ts-check
import { randomUUID } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import { CallmeterClient, fromAnthropic } from 'callmeter/sdk';

// Reads ANTHROPIC_API_KEY. Callmeter needs nothing: it finds the server that runs for this folder.
const anthropic = new Anthropic();
const callmeter = new CallmeterClient({ agentId: 'anthropic-example' });

/** All calls of one task have one session. */
const session = randomUUID();

/** @type {Anthropic.MessageCreateParamsNonStreaming} */
const request = {
	model: 'claude-sonnet-4-5',
	max_tokens: 1000,
	system: [{ type: 'text', text: 'Answer in one sentence.', cache_control: { type: 'ephemeral' } }],
	messages: [{ role: 'user', content: 'Why do tides come twice a day?' }],
};

// A whole answer: start the call, then watch the promise. It is recorded when it resolves, fails or is aborted.
const first = callmeter.startLlmCall(session, fromAnthropic(request));
const message = await first.watch(anthropic.messages.create(request));
for (const block of message.content) if (block.type === 'text') console.log(block.text);

// A stream: the same, and every event comes as it is. Time to first token is measured.
const second = callmeter.startLlmCall(session, fromAnthropic(request));
for await (const event of await second.watch(anthropic.messages.create({ ...request, stream: true }))) {
	if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') process.stdout.write(event.delta.text);
}
console.log();

// An answer that is there already: one line afterwards.
const startedMs = performance.now();
const last = await anthropic.messages.create(request);
await callmeter.logLlmCall(session, { ...fromAnthropic(request, last), latencyMs: performance.now() - startedMs });

await callmeter.close();
