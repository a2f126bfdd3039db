import { parentPort } from 'node:worker_threads';

/** Stands in for an API worker that does not survive a request. */
parentPort?.on('message', ({ type }) => {
	if (type === 'end') process.exit(1);
});
