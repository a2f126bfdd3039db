import { styleText } from 'node:util';
import type { Environment, Output } from './environment.ts';

/** What a colour stands for. None says anything that the words beside it do not. */
const styles = {
	heading: 'bold',
	hit: ['bold', 'yellow'],
	good: 'green',
	bad: 'red',
	warning: 'yellow',
	quiet: 'dim',
} as const;

/** A text in its colour where the output shows colours, else as it is. */
export function paint({ colors }: Pick<Output, 'colors'>, style: keyof typeof styles, text: string): string {
	return colors === true && text !== '' ? styleText([styles[style]].flat(), text, { validateStream: false }) : text;
}

/**
 * Whether a stream is given colours: on a terminal, unless the environment or the user says otherwise. As Node does,
 * `FORCE_COLOR` (nodejs.org/api/cli.html) comes before `NO_COLOR` (no-color.org); the option before both.
 */
export function showsColors(env: Environment['env'], isTerminal: boolean, isSwitchedOff: boolean): boolean {
	if (isSwitchedOff) return false;
	const force = env.FORCE_COLOR;
	if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
	if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
	return isTerminal && env.TERM !== 'dumb';
}
