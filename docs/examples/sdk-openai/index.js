// @ts-check
import { randomUUID } from 'node:crypto';
import { CallmeterClient, fromOpenAiChat, fromOpenAiResponse } from 'callmeter/sdk';
import OpenAI from 'openai';

// Reads OPENAI_API_KEY. Callmeter needs nothing: it finds the server that runs for this folder.
const openai = new OpenAI();
const callmeter = new CallmeterClient({ agentId: 'openai-example' });

/** All calls of one task have one session. */
const session = randomUUID();

/** @type {OpenAI.ChatCompletionCreateParamsNonStreaming} */
const chat = {
	model: 'gpt-5',
	messages: [
		{ role: 'system', content: 'Answer in one sentence.' },
		{ role: 'user', content: 'Why do tides come twice a day?' },
	],
};

// Chat Completions, a whole answer. It is recorded when the promise resolves, fails or is aborted.
const first = callmeter.startLlmCall(session, fromOpenAiChat(chat));
const completion = await first.watch(openai.chat.completions.create(chat));
console.log(completion.choices[0]?.message.content);

// Chat Completions, a stream. Without `include_usage` OpenAI does not tell what a stream costs.
/** @type {OpenAI.ChatCompletionCreateParamsStreaming} */
const streamed = { ...chat, stream: true, stream_options: { include_usage: true } };
const second = callmeter.startLlmCall(session, fromOpenAiChat(streamed));
for await (const chunk of await second.watch(openai.chat.completions.create(streamed))) {
	process.stdout.write(chunk.choices[0]?.delta.content ?? '');
}
console.log();

// Responses, a stream.
/** @type {OpenAI.Responses.ResponseCreateParamsStreaming} */
const request = {
	model: 'gpt-5',
	instructions: 'Answer in one sentence.',
	input: 'Why do tides come twice a day?',
	stream: true,
};
const third = callmeter.startLlmCall(session, fromOpenAiResponse(request));
for await (const event of await third.watch(openai.responses.create(request))) {
	if (event.type === 'response.output_text.delta') process.stdout.write(event.delta);
}
console.log();

// Responses, an answer that is there already: one line afterwards.
const startedMs = performance.now();
const last = await openai.responses.create({ ...request, stream: false });
await callmeter.logLlmCall(session, { ...fromOpenAiResponse(request, last), latencyMs: performance.now() - startedMs });

await callmeter.close();
