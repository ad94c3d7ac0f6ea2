// Plugins of a tracker (R157, W19).

import { attempt, log } from "./env";
import { ANONYMOUS, modeOf, SERVER, SESSION, type Level } from "./modes";
import type { State } from "./state";
import type { BrowserPlugin } from "./types";

/** A level in plain data. */
export const describe = (level: Level) => ({
  mode: modeOf(level),
  anonymous: !!(level & ANONYMOUS),
  session: !!(level & SESSION),
  server: !!(level & SERVER),
});

/** What plugins answer; an exception of theirs is told and stays inside. */
export const ask = <T>(
  t: State,
  question: (plugin: BrowserPlugin) => T,
  plugins = t._plugins,
): Array<T | undefined> => plugins.map((plugin) => attempt(() => question(plugin), "plugin"));

/** Tell plugins at which level events are tracked now. */
export const tellLevel = (t: State, plugins?: BrowserPlugin[]): unknown =>
  t._level && ask(t, (plugin) => plugin.privacyChanged?.(describe(t._level!)), plugins);

/** Add a plugin and tell it what it needs to know. */
export function addPlugin(t: State, added: BrowserPlugin): void {
  t._plugins.push(added);
  ask(
    t,
    (plugin) => {
      plugin.logger?.(log);
      plugin.activateCorePlugin?.(t._tracker.core);
      plugin.activateBrowserPlugin?.(t._tracker);
    },
    [added],
  );
  tellLevel(t, [added]);
}
