import assert from 'node:assert/strict';
import type { FromPanel, Notice, ToPanel } from '../../../src/protocol/messages.ts';
import { HostError, HostLink } from '../../../webview/host-link.ts';

function fakeTransport() {
	const sent: FromPanel[] = [];
	let receive: ((message: ToPanel) => void) | null = null;
	return {
		sent,
		say: (message: ToPanel) => receive?.(message),
		get listening() {
			return receive !== null;
		},
		transport: {
			post: (message: FromPanel) => void sent.push(message),
			listen(listener: (message: ToPanel) => void) {
				receive = listener;
				return () => {
					receive = null;
				};
			},
		},
	};
}

const reason = (expected: string) => (error: unknown) => error instanceof HostError && error.reason === expected;

describe('the link to the host', () => {
	it('gives each request its own reply, in any order', async () => {
		const { transport, say } = fakeTransport();
		const link = new HostLink(transport);
		const first = link.request({ kind: 'callDetail', callId: 'a' });
		const second = link.request({ kind: 'run', command: 'showLog' });
		say({ type: 'reply', id: 1, ok: true, value: null });
		say({ type: 'reply', id: 0, ok: false, error: { reason: 'io', message: 'The disk is full.' } });
		assert.equal(await second, null);
		await assert.rejects(first, reason('io'));
		link.dispose();
	});

	it('gives up on a host that does not answer', async () => {
		const { transport, say } = fakeTransport();
		const link = new HostLink(transport, 5);
		await assert.rejects(link.request({ kind: 'run', command: 'showLog' }), reason('timeout'));
		say({ type: 'reply', id: 0, ok: true, value: null });
		link.dispose();
	});

	it('waits for a person as long as it takes', async () => {
		const { transport, say } = fakeTransport();
		const link = new HostLink(transport, 5);
		const saved = link.request({ kind: 'save', name: 'a', type: 'csv', data: '' });
		await assert.rejects(link.request({ kind: 'run', command: 'showLog' }), reason('timeout'));
		say({ type: 'reply', id: 0, ok: true, value: '/home/dev/a.csv' });
		assert.equal(await saved, '/home/dev/a.csv');
		link.dispose();
	});

	it('rejects what is pending when it is disposed, and what is asked after', async () => {
		const fake = fakeTransport();
		const link = new HostLink(fake.transport);
		const pending = link.request({ kind: 'run', command: 'showLog' });
		link.dispose();
		await assert.rejects(pending, reason('disposed'));
		await assert.rejects(link.request({ kind: 'run', command: 'showLog' }), reason('disposed'));
		assert.equal(fake.listening, false);
	});

	it('hands notices to those who listen, and no longer to those who stopped', () => {
		const { transport, say } = fakeTransport();
		const link = new HostLink(transport);
		const heard: Notice[] = [];
		const stop = link.onNotice((notice) => heard.push(notice));
		say({ type: 'notice', notice: { kind: 'changed', revision: 3 } });
		stop();
		say({ type: 'notice', notice: { kind: 'changed', revision: 4 } });
		assert.deepEqual(heard, [{ kind: 'changed', revision: 3 }]);
		link.dispose();
	});

	it('cuts what it tells of a fault', () => {
		const { transport, sent } = fakeTransport();
		new HostLink(transport).fault('x'.repeat(10_000));
		assert.equal(sent[0]?.type === 'fault' && sent[0].message.length, 4000);
	});
});
