// The function of the page: `snowplow('method:namespace', argument)`, before and after the script
// has loaded (R99-R107; W28, W39).

import { attempt, doc, guarded, later, log, win } from "./env";
import { newTracker } from "./tracker";
import type { BrowserPlugin, BrowserTracker, TrackerConfiguration } from "./types";

type Command = ArrayLike<unknown>;
type Api = Record<string, (...args: unknown[]) => unknown>;

/** How long method calls wait for a plugin's script (R105). */
const PATIENCE = 5000;

/** Run the commands that wait, and answer what runs those that come. */
function execute(name: string, waiting: readonly Command[]) {
  const trackers: Record<string, BrowserTracker> = {};
  const extras: Api = {};
  const held: Command[] = [];
  let loading = 0;

  function make(namespace: unknown, endpoint: unknown, configuration?: TrackerConfiguration): void {
    if (typeof namespace !== "string" || typeof endpoint !== "string") {
      log.error("newTracker failed");
      return;
    }
    const tracker = newTracker(`${name}_${namespace}`, namespace, endpoint, { ...configuration, plugins: [] });
    if (tracker) trackers[namespace] = tracker;
  }

  function activate(
    library: Api | undefined,
    maker: string,
    options: unknown,
    targets: BrowserTracker[],
  ): void {
    const make = library?.[maker];
    if (!make) {
      log.warn(`Failed to add Plugin: ${maker}`);
      return;
    }
    const plugin = make(...((options ?? []) as unknown[])) as BrowserPlugin;
    for (const tracker of targets) tracker.addPlugin({ plugin });
    Object.assign(extras, library);
  }

  function addPlugin(
    targets: BrowserTracker[],
    [source, where, options, pause]: readonly unknown[],
  ): void {
    if (typeof source !== "string") {
      activate(source as Api, where as string, options, targets);
      return;
    }
    const [global, maker] = where as [string, string];
    let waits = pause !== false;
    loading += +waits;
    // Each held command runs once, in order (W28).
    const done = (): void => {
      loading -= +waits;
      waits = false;
      while (!loading && held[0]) run(held.shift()!);
    };
    const script = doc.createElement("script");
    script.src = source;
    script.onerror = () => {
      log.warn(`Failed to add Plugin: ${source}`);
      done();
    };
    script.onload = () => {
      guarded(() => activate(win[global], maker, options, targets), "addPlugin");
      done();
    };
    later(done, PATIENCE);
    doc.head.append(script);
  }

  function run(command: Command): void {
    const [first, ...rest] = Array.from(command) as [unknown, ...never[]];
    if (typeof first === "function") {
      guarded(() => first.apply(trackers, [...rest, trackers]), "Tracker callback");
      return;
    }
    const [method, names] = `${first}`.split(":") as [string, string?];
    const targets = (names?.split(";") ?? Object.keys(trackers)).flatMap((namespace) => {
      if (!trackers[namespace]) log.warn(`${name}_${namespace} not configured`);
      return trackers[namespace] ?? [];
    });
    if (method === "newTracker") guarded(() => make(...(rest as unknown as Parameters<typeof make>)), method);
    else if (method === "addPlugin") guarded(() => addPlugin(targets, rest), method);
    else if (loading) held.push(command);
    else guarded(() => call(method, rest[0], targets), method);
  }

  function call(method: string, argument: unknown, targets: BrowserTracker[]): void {
    const extra = extras[method];
    const ids = targets.map(({ id }) => id);
    if (extra) extra(...(argument === undefined && extra.length < 2 ? [] : [argument ?? {}]), ids);
    else if (!targets.length || has(targets[0]!, method)) {
      for (const tracker of targets) guarded(() => (tracker as unknown as Api)[method]!(argument), method);
    } else log.warn(`${method} is not an available function`);
  }

  waiting.forEach(run);
  return { push: (...commands: Command[]) => commands.forEach(run) };
}

const has = (tracker: object, method: string): boolean =>
  Object.keys(tracker).includes(method) && typeof (tracker as Api)[method] === "function";

/** Take over the next function that a loader stub has prepared (R100). */
export function start(): void {
  const name = attempt(() => win["GlobalSnowplowNamespace"].shift() as string | undefined);
  const stub = name ? (win[name] as { q: Command[] | ReturnType<typeof execute> } | undefined) : undefined;
  if (!name || !stub) return;
  const waiting = stub.q as Command[];
  // What a command calls while it runs comes after those that were called before it.
  stub.q = { push: (...commands) => void waiting.push(...commands) };
  stub.q = execute(name, waiting);
}
