import { kiloFlavour, opencodeFlavour } from '../opencode-session/places.ts';
import { SqliteAgentSource } from './sqlite-agent-source.ts';

/** Kilo Code 7 in VS Code and the `kilo` CLI, which share `kilo.db`. */
export const kiloDb = new SqliteAgentSource(kiloFlavour);

/** opencode, from which Kilo 7 descends: the same tables, in a place of its own. */
export const opencodeDb = new SqliteAgentSource(opencodeFlavour);
