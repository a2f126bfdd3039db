import type { McpServer } from '@modelcontextprotocol/server';
import type * as z from 'zod';
import { type Question, questions } from '../ledger/answers/questions.ts';
import type { AskerOf } from './asker-of.ts';
import { type ReportFault, toolProblem } from './tool-problem.ts';
import { toolSchema } from './tool-schema.ts';

/** Adds a tool for each question. They look and change nothing, and reach no further than the ledger. */
export function addQueryTools(server: McpServer, askerOf: AskerOf, report: ReportFault): void {
	addTool(server, questions.usageSummary, askerOf, report);
	addTool(server, questions.recentCalls, askerOf, report);
	addTool(server, questions.searchPrompts, askerOf, report);
	addTool(server, questions.explainCost, askerOf, report);
}

function addTool<Q extends z.ZodObject, A extends z.ZodObject>(
	server: McpServer,
	{ name, title, description, input, output, answer }: Question<Q, A>,
	askerOf: AskerOf,
	report: ReportFault,
): void {
	server.registerTool(
		name,
		{
			title,
			description,
			inputSchema: toolSchema(input),
			outputSchema: toolSchema(output),
			annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
		},
		async (question, { mcpReq }) => {
			try {
				const { data, text } = await answer(question, askerOf(mcpReq.signal));
				return { content: [{ type: 'text', text }], structuredContent: data };
			} catch (error) {
				return toolProblem(error, report);
			}
		},
	);
}
