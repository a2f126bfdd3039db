import { kiloFlavour, opencodeFlavour } from '../opencode-session/places.ts';
import { JsonSessionSource } from './json-session-source.ts';

/** Kilo 7.0, and the `kilo` CLI of that time. */
export const kiloJson = new JsonSessionSource(kiloFlavour);

/** opencode before it had a database. */
export const opencodeJson = new JsonSessionSource(opencodeFlavour);
