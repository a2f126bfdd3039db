/** A client that starts a server and is killed: node orphan-maker.mjs <program> <ledger>. Prints the server's process id. */
import { spawn } from 'node:child_process';

const [program = '', ledger = ''] = process.argv.slice(2);
const server = spawn(process.execPath, [program, 'mcp', '--ledger', ledger], { stdio: ['pipe', 'pipe', 'inherit'] });
const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'orphan-maker', version: '1' } };
server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: hello })}\n`);
// It answers: it is up, and waits for more.
server.stdout.once('data', () => process.stdout.write(`${server.pid}\n`));
