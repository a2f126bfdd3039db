import { firstText, peek } from '../../core/foreign.ts';
import { type CallContext, complain, guarded } from './call-context.ts';
import { unwrapApiHandler, wrapApiHandler } from './wrap-api-handler.ts';

/** As `CallContext`; what is absent is read from the task each time a request starts. */
export type HookOptions = CallContext;

interface Hook {
	/** Who hooked the task, in order: the first one's options hold, the last one to leave takes the hook down. */
	leases: HookOptions[];
	takeDown: () => void;
}

const maxTitleLength = 200;

const hooks = new WeakMap<object, Hook>();

/**
 * Records every LLM call of a Kilo-style task until the function it returns is called.
 *
 * `task` is any object whose `api` is a handler (see `wrapApiHandler`). Read from it, where there is such a thing:
 * `taskId`, `parentTaskId`, `mode` or `taskMode`, `cwd`, `metadata.task` (the title), `apiConfiguration.apiProvider`,
 * and `abort` or `abandoned` (the task was given up). Another handler that the task puts into `api` later, for another
 * model, is recorded as well. Whoever reads `task.api` meanwhile gets the recording handler.
 *
 * A task that is hooked twice is recorded once. The last unhook puts back exactly what was there: the property as it
 * was defined, with the handler the task now uses. Calls under way are recorded to their end.
 *
 * Never throws: a task that cannot be hooked is reported to `options.log` and left alone.
 */
export function hookTask(task: object, options: HookOptions): () => void {
	const hook = hooks.get(task) ?? guarded(options.log, 'A task could not be hooked', () => install(task));
	if (hook === undefined) {
		complain(options.log, 'A task without a replaceable api was not hooked', undefined);
		return () => undefined;
	}
	hooks.set(task, hook);
	const lease = { ...options };
	hook.leases.push(lease);
	return () => {
		const at = hook.leases.indexOf(lease);
		if (at >= 0) hook.leases.splice(at, 1);
		if (at < 0 || hook.leases.length > 0) return;
		hooks.delete(task);
		guarded(options.log, 'A task could not be unhooked', hook.takeDown);
	};
}

function install(task: object): Hook | undefined {
	if (!('api' in task)) return undefined;
	const own = Reflect.getOwnPropertyDescriptor(task, 'api');
	const leases: HookOptions[] = [];
	const wrappers = new WeakMap<object, object>();
	const observed = (handler: unknown): unknown => {
		if (typeof handler !== 'object' || handler === null) return handler;
		let wrapper = wrappers.get(handler);
		if (wrapper === undefined) {
			wrapper = wrapApiHandler(handler, () => contextOf(task, leases[0]));
			wrappers.set(handler, wrapper);
		}
		return wrapper;
	};
	/** What is ours comes off again when the task writes back what it has read. */
	const plain = (value: unknown): unknown => {
		const handler = unwrapApiHandler(value);
		return typeof handler === 'object' && handler !== null && wrappers.get(handler) === value ? handler : value;
	};

	const accessor = own === undefined ? inheritedAccessor(task) : own;
	const isAccessor = accessor !== undefined && (accessor.get !== undefined || accessor.set !== undefined);
	let current: unknown = isAccessor ? undefined : Reflect.get(task, 'api');
	const get = (): unknown => observed(isAccessor ? accessor.get?.call(task) : current);
	const set = (value: unknown): void => {
		if (isAccessor) accessor.set?.call(task, plain(value));
		else current = plain(value);
	};
	const readOnly = isAccessor ? accessor.set === undefined : own?.writable === false;
	Object.defineProperty(task, 'api', {
		configurable: true,
		enumerable: own?.enumerable ?? false,
		get,
		...(readOnly ? {} : { set }),
	});

	return {
		leases,
		takeDown() {
			// Someone who has redefined the property since then owns it; ours is out of use already.
			if (Reflect.getOwnPropertyDescriptor(task, 'api')?.get !== get) return;
			if (own === undefined) Reflect.deleteProperty(task, 'api');
			else Object.defineProperty(task, 'api', isAccessor ? own : { ...own, value: current });
		},
	};
}

function inheritedAccessor(task: object): PropertyDescriptor | undefined {
	for (let proto = Reflect.getPrototypeOf(task); proto !== null; proto = Reflect.getPrototypeOf(proto)) {
		const found = Reflect.getOwnPropertyDescriptor(proto, 'api');
		if (found !== undefined) return found;
	}
	return undefined;
}

function contextOf(task: object, options: HookOptions | undefined): CallContext | undefined {
	if (options === undefined) return undefined;
	const agentProvider = firstText(peek(peek(task, 'apiConfiguration'), 'apiProvider'));
	return {
		...options,
		taskId: options.taskId ?? textOf(peek(task, 'taskId')),
		parentTaskId: options.parentTaskId ?? textOf(peek(task, 'parentTaskId')),
		mode: options.mode ?? textOf(firstText(peek(task, 'mode'), peek(task, 'taskMode'))),
		title: options.title ?? titleOf(peek(peek(task, 'metadata'), 'task')),
		folder: options.folder ?? textOf(firstText(peek(task, 'cwd'), peek(task, 'workspacePath'))),
		agentProvider: agentProvider ?? undefined,
		isCancelled: options.isCancelled ?? (() => peek(task, 'abort') === true || peek(task, 'abandoned') === true),
	};
}

/** The first line of what the user asked for: enough to know the task by, and not the whole prompt once more. */
function titleOf(prompt: unknown): string | undefined {
	return firstText(prompt)?.trim().split('\n', 1)[0]?.slice(0, maxTitleLength) || undefined;
}

function textOf(value: unknown): string | undefined {
	return firstText(value) ?? undefined;
}
