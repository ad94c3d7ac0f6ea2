// Changes of the level of privacy: enabling, disabling, opting out, clearing (contracts 3 and 4;
// R71-R85).

import { attempt, guarded, log, uuid, win } from "./env";
import { judge } from "./gate";
import { modeOf, resolve, type Level } from "./modes";
import { takeView } from "./page";
import { cancel, checkUsable, fresh, hasIds, takeUp } from "./session";
import { strategyOf, type State } from "./state";
import { ownCookies, ownKeys, remove, removeCookie, usesCookies, type Key } from "./storage";
import type {
  ClearedUserData,
  ClearUserDataConfiguration,
  DisableAnonymousTrackingConfiguration,
  EnableAnonymousTrackingConfiguration,
  PrivacyState,
} from "./types";

const describe = (level: Level) => ({
  mode: modeOf(level),
  anonymous: level._anon,
  session: level._session,
  server: level._server,
});

/** Tell plugins at which level events are tracked now (W19). */
export function tellPlugins(t: State, plugins = t._plugins): void {
  const level = t._level;
  if (level) for (const plugin of plugins) guarded(() => plugin.privacyChanged?.(describe(level)), "plugin");
}

/**
 * Bring the tracker to what holds now. False while nothing may be tracked.
 *
 * `before` tells the strategy that held until now, `newSession` that the site wants one.
 */
export function settle(t: State, before = t._strategy, newSession?: boolean): boolean {
  const { _blocked, _signal, _level: to } = judge(t);
  const from = t._level;
  t._signal = _signal;
  if (_blocked) {
    if (!t._blocked) {
      t._blocked = true;
      t._level = undefined;
      forget(t);
    }
    return false;
  }
  t._blocked = false;
  if (from && modeOf(from) === modeOf(to) && before === t._strategy && !newSession) return true;
  change(t, from, to, before, newSession);
  checkUsable(t);
  return !(t._unusable && t._level!._session) || settle(t);
}

function change(
  t: State,
  from: Level | undefined,
  to: Level,
  before: State["_strategy"],
  newSession?: boolean,
): void {
  const compat = t._config.upstreamCompat;
  const moved = before !== t._strategy;
  const changed = from && modeOf(from) !== modeOf(to);
  const taken = from && ((to._anon && !from._anon) || (to._server && !from._server));
  const tuple = hasIds(t) ? t._tuple : undefined;
  if (taken || moved) cancel(t);
  if (tuple && (moved || changed)) {
    // What was stored for a session that ends or moves goes; an identified visitor's state stays
    // when anonymity begins (contract 3).
    const now = t._strategy;
    t._strategy = before;
    for (const key of (from!._anon ? ["as"] : to._anon ? [] : ["id", "ses"]) as Key[]) remove(t, key);
    t._strategy = now;
  }
  if (moved) t._domain = undefined;
  t._level = to;
  // Into anonymity, only a session goes on that was anonymous already and loses nothing (W8).
  const goesOn = tuple && !newSession && (compat || (from!._anon && !taken));
  if (from && to._anon) takeUp(t, goesOn ? tuple : undefined, !!goesOn, !goesOn);
  else takeUp(t, tuple, moved && !from!._anon, newSession);
  if (compat ? taken && !to._session : changed) takeView(t, true);
  t._demotedId = uuid();
  t._queue._level(!!taken && !compat);
  tellPlugins(t);
}

/** `enableAnonymousTracking`: options that are left out keep their value (W14, W15). */
export function enable(t: State, configuration?: EnableAnonymousTrackingConfiguration): void {
  const { options = true, stateStorageStrategy } = configuration ?? {};
  if (options === false) log.warn("options: false is refused; call disableAnonymousTracking");
  else toward(t, resolve(options ?? true, t._wanted), stateStorageStrategy);
  if (resolve(options)._session && t._level && !t._level._session) log.warn("no storage, so no session");
}

/** `disableAnonymousTracking`. */
export function disable(t: State, configuration?: DisableAnonymousTrackingConfiguration): void {
  const { stateStorageStrategy, newSession } = configuration ?? {};
  toward(t, resolve(false), stateStorageStrategy, newSession);
  t._queue._flush(true);
}

function toward(t: State, level: Level, strategy?: string, newSession?: boolean): void {
  const before = t._strategy;
  t._wanted = level;
  t._explicit = true;
  if (strategy) {
    t._strategy = strategyOf(strategy);
    t._unusable = false;
  }
  settle(t, before, newSession);
}

/** Remove everything that this tracker has on the device and in memory, and say what it was. */
function forget(t: State, keep?: ClearUserDataConfiguration): ClearedUserData {
  cancel(t);
  const { preserveUser, preserveSession } = keep ?? {};
  const memory = inMemory(t);
  const cookies = ownCookies(t);
  cookies.forEach((name) => removeCookie(t, name));
  const [localStorage, sessionStorage] = (["localStorage", "sessionStorage"] as const).map((area) => {
    const keys = ownKeys(t, area);
    keys.forEach((key) => attempt(() => win[area].removeItem(key)));
    return keys.filter((key) => !/\.expires$/.test(key));
  }) as [string[], string[]];
  const tuple = t._tuple;
  if (!preserveUser) {
    t._userId = undefined;
    for (const name of ["uid", "duid", "nuid", "tnuid", "ip", "ua"]) delete t._pairs[name];
  }
  t._tuple = tuple && hasIds(t) ? fresh(t) : undefined;
  if (t._tuple && preserveUser) t._tuple[1] = tuple![1];
  if (t._tuple && preserveSession) [t._tuple[3], t._tuple[6]] = [tuple![3], tuple![6]];
  t._readAt = 0;
  takeView(t, true);
  return { cookies, localStorage, sessionStorage, memory, events: t._queue._purge(), collector: false };
}

/** `clearUserData` with its receipt (W17). */
export function clear(t: State, keep?: ClearUserDataConfiguration): ClearedUserData {
  const receipt = forget(t, keep);
  receipt.collector = !!t._config.whiteoutCollector && !keep?.preserveUser;
  if (receipt.collector) t._queue._clearCollector();
  return receipt;
}

function inMemory(t: State): string[] {
  const [, duid, , , , , session] = t._tuple ?? [];
  const { uid, ip, nuid, tnuid } = t._pairs;
  const names: Array<[string, unknown]> = [
    ["domain_userid", duid],
    ["domain_sessionid", session],
    ["domain_sessionidx", session],
    ["user_id", t._userId || uid],
    ["user_ipaddress", ip],
    ["network_userid", nuid || tnuid],
  ];
  return names.filter(([, value]) => value).map(([name]) => name);
}

/** `getPrivacyState`. It reads no storage that the level does not use. */
export function privacyState(t: State): PrivacyState {
  const blocked = !settle(t);
  const level = t._level ?? judge(t)._level;
  const memory = inMemory(t);
  const reads = !blocked && (hasIds(t) || t._queue._stored());
  return {
    ...describe(level),
    strategy: t._strategy,
    signal: t._signal ?? null,
    blocked,
    sent: blocked ? [] : memory.filter((name) => !level._anon || (level._session && /session/.test(name))),
    stored: {
      cookies: reads && usesCookies(t) ? ownCookies(t) : [],
      localStorage: reads ? ownKeys(t, "localStorage") : [],
      sessionStorage: reads ? ownKeys(t, "sessionStorage") : [],
    },
    memory,
    queued: t._queue._count(),
  };
}
