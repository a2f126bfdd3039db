import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends these bytes to 127.0.0.1 and gives all that comes back until the connection ends. */
export async function sendRaw(port: number, bytes: string): Promise<string> {
	const socket = connect(port, '127.0.0.1');
	const chunks: Buffer[] = [];
	socket.on('data', (chunk: Buffer) => chunks.push(chunk));
	socket.on('error', () => undefined);
	await once(socket, 'connect');
	socket.write(bytes);
	await once(socket, 'close');
	return Buffer.concat(chunks).toString();
}
