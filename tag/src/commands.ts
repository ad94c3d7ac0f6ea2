// The function of the page: `snowplow('method:namespace', argument)`, before and after the script
// has loaded (R98-R107; W28, W39).

import { attempt, doc, later, lazily, log, win } from "./env";
import type { methods, Method } from "./plugins/methods";
import { newTracker, trackersOf } from "./tracker";
import type { BrowserPlugin, BrowserTracker, TrackerConfiguration } from "./types";

type Command = ArrayLike<unknown>;
type Api = Record<string, (...args: unknown[]) => unknown>;

/** How long method calls wait for a script (R105). */
const PATIENCE = 5000;

const failed = "Failed to add Plugin: ";

/** Run the commands that wait, and answer what runs those that come. */
function execute(name: string, waiting: readonly Command[]) {
  const trackers = { __proto__: null } as unknown as Record<string, BrowserTracker>;
  const extras = { __proto__: null } as unknown as Api;
  const held: Command[] = [];
  let loading = 0;

  /** Hold method calls back until something has loaded; each runs once, in order (W28). */
  function hold(what: string, loaded: Promise<() => void>, waits = true): void {
    loading += +waits;
    const done = (): void => {
      loading -= +waits;
      waits = false;
      while (!loading && held[0]) run(held.shift()!);
    };
    later(done, PATIENCE);
    loaded.then((act) => attempt(act, what), () => log.warn(failed + what)).finally(done);
  }

  function make(namespace: string, endpoint: string, configuration?: TrackerConfiguration): void {
    // Throws for what is no text.
    const id = `${name}_${namespace.trim() && namespace}`;
    const tracker = newTracker(id, namespace, endpoint.trim(), { ...configuration, plugins: [] });
    if (tracker) trackers[namespace] = tracker;
  }

  function addPlugin(targets: BrowserTracker[], [source, where, options, pause]: readonly unknown[]): void {
    const [global, maker] = [where].flat() as [string, string];
    const activate = (from: Api | undefined, constructor: string): void => {
      const plugin = from?.[constructor]?.(...((options ?? []) as unknown[])) as BrowserPlugin | undefined;
      if (!plugin) {
        log.warn(failed + constructor);
        return;
      }
      for (const tracker of targets) tracker.addPlugin({ plugin });
      Object.assign(extras, from);
    };
    if (typeof source !== "string") activate(source as Api, where as string);
    else {
      const script = doc.createElement("script");
      const loaded = new Promise<() => void>((resolve, reject) => {
        script.onload = () => resolve(() => activate(win[global], maker));
        script.onerror = reject;
      });
      script.src = source;
      doc.head.append(script);
      hold(source, loaded, pause !== false);
    }
  }

  function run(command: Command): void {
    const [first, ...rest] = Array.from(command) as [unknown, ...never[]];
    if (typeof first === "function") {
      attempt(() => first.apply(trackers, [...rest, trackers]), "Tracker callback failed");
      return;
    }
    const [method, names] = `${first}`.split(":") as [string, string?];
    const targets = names
      ? trackersOf(names.split(";").map((namespace) => `${name}_${namespace}`))
      : Object.values(trackers);
    attempt(() => {
      if (method === "newTracker") make(...(rest as unknown as Parameters<typeof make>));
      else if (method === "addPlugin") addPlugin(targets, rest);
      else if (loading) held.push(command);
      else call(method, rest[0], targets);
    }, `${method} failed`);
  }

  function call(method: string, argument: unknown, targets: BrowserTracker[]): void {
    const extra = extras[method];
    const ids = targets.map(({ id }) => id);
    const [tracker] = targets as unknown as Api[];
    if (extra) extra(...(argument === undefined && extra.length < 2 ? [] : [argument ?? {}]), ids);
    else if (tracker && typeof tracker[method] !== "function") find(method, argument, ids);
    else for (const one of targets) attempt(() => (one as unknown as Api)[method]!(argument), `${method} failed`);
  }

  /** What no tracker has may be in a file of ours (R98). */
  function find(method: string, argument: unknown, ids: string[]): void {
    const loaded = lazily<{ methods: typeof methods }>("methods").then(async ({ methods }) => {
      const found = await methods(method);
      return () => {
        for (const [key, act] of Object.entries(found) as Array<[string, Method]>) {
          extras[key] ??= (given, to) => act(trackersOf(to as string[]), given);
        }
        if (extras[method]) extras[method](argument ?? {}, ids);
        else log.warn(`${method} is not an available function`);
      };
    });
    hold(method, loaded);
  }

  // Not forEach, which would not visit what a callback adds.
  for (const command of waiting) run(command);
  return { push: (...commands: Command[]) => commands.forEach(run) };
}

/** Take over the next function that a loader stub has prepared (R100). */
export function start(): void {
  const name = attempt(() => win["GlobalSnowplowNamespace"].shift() as string)!;
  const stub = win[name] as { q: Command[] | ReturnType<typeof execute> } | undefined;
  if (!stub) return;
  const waiting = stub.q as Command[];
  // What a command calls while it runs comes after those that were called before it.
  stub.q = { push: (...commands) => void waiting.push(...commands) };
  stub.q = execute(name, waiting);
}
