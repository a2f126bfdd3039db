// @ts-check
import { randomUUID } from 'node:crypto';
import { GoogleGenAI } from '@google/genai';
import { CallmeterClient, fromGemini } from 'callmeter/sdk';

// Callmeter needs no key: it finds the server that runs for this folder.
const google = new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY ?? '' });
const callmeter = new CallmeterClient({ agentId: 'google-example' });

/** All calls of one task have one session. */
const session = randomUUID();

/** @type {import('@google/genai').GenerateContentParameters} */
const request = {
	model: 'gemini-2.5-pro',
	contents: 'Why do tides come twice a day?',
	config: { systemInstruction: 'Answer in one sentence.', temperature: 0.2 },
};

// A whole answer. It is recorded when the promise resolves, fails or is aborted.
const first = callmeter.startLlmCall(session, fromGemini(request));
const response = await first.watch(google.models.generateContent(request));
console.log(response.text);

// A stream: every part comes as it is. Time to first token is measured.
const second = callmeter.startLlmCall(session, fromGemini(request));
for await (const part of await second.watch(google.models.generateContentStream(request))) {
	process.stdout.write(part.text ?? '');
}
console.log();

// An answer that is there already: one line afterwards.
const startedMs = performance.now();
const last = await google.models.generateContent(request);
await callmeter.logLlmCall(session, { ...fromGemini(request, last), latencyMs: performance.now() - startedMs });

await callmeter.close();
