/**
 * What `callmeter` starts. Built for old Nodes too, so that they can say what is missing instead of failing at the first
 * line that they do not know.
 */
declare const __dirname: string;

const neededNode = 24;

if (Number.parseInt(process.versions.node, 10) < neededNode) {
	process.stderr.write(
		`callmeter needs Node ${neededNode} or newer: it reads SQLite with what Node brings. This is Node ${process.versions.node}.\n` +
			'Get a newer one from https://nodejs.org, or let your version manager do it: nvm install 24, fnm use 24, volta install node@24.\n',
	);
	process.exitCode = 1;
} else {
	void import('./main.ts').then(({ runHere }) => runHere(__dirname));
}
