import { type Change, type PanelState, reduce, restoreState } from './state.ts';

/** Where VS Code keeps a webview's state over hiding and reloading. */
export interface StateKeeper {
	getState(): unknown;
	setState(state: PanelState): void;
}

/** Holds what a person chose, and hands each change to VS Code to keep. */
export class Store {
	readonly #keeper: StateKeeper;
	#state: PanelState;

	constructor(keeper: StateKeeper) {
		this.#keeper = keeper;
		this.#state = restoreState(keeper.getState());
	}

	get state(): PanelState {
		return this.#state;
	}

	change(change: Change): void {
		this.#state = reduce(this.#state, change);
		this.#keeper.setState(this.#state);
	}
}
