// Changes of the level of privacy: enabling, disabling, opting out, clearing (contracts 3 and 4;
// R71-R85).

import { attempt, log, uuid, win } from "./env";
import { judge } from "./gate";
import { ANONYMOUS, IDENTIFIED, resolve, SERVER, SESSION, type Level } from "./modes";
import { takeView } from "./page";
import { describe, tellLevel } from "./plugins";
import { endIdle, fresh, store, takeUp } from "./session";
import { COOKIES, strategyName, strategyOf, type State } from "./state";
import { ownCookies, ownKeys, remove, removeCookie, type Area, type Key } from "./storage";
import type {
  ClearedUserData,
  ClearUserDataConfiguration,
  DisableAnonymousTrackingConfiguration,
  EnableAnonymousTrackingConfiguration,
  PrivacyState,
} from "./types";

/**
 * Bring the tracker to what holds now. False while nothing may be tracked.
 *
 * `before` tells the strategy that held until now, `newSession` that the site wants one.
 */
export function settle(t: State, before = t._strategy, newSession?: boolean): boolean {
  const [to, blocked] = judge(t);
  const from = t._level;
  if (blocked) {
    if (from !== 0) {
      // Of the level that ends: nobody who comes back has the page view of before.
      takeView(t, true);
      t._level = 0;
      forget(t);
    }
    return false;
  }
  if (from === to && before === t._strategy && !newSession) return true;
  change(t, from, to, before, newSession);
  if (!(to & SESSION) || store(t)) return true;
  t._unusable = true;
  log.warn("no session without storage");
  return settle(t);
}

function change(t: State, from: Level = 0, to: Level, before: number, newSession?: boolean): void {
  const compat = t._config.upstreamCompat;
  const now = t._strategy;
  const moved = before !== now;
  const changed = from && from !== to;
  const taken = from && to & ~from & (ANONYMOUS | SERVER);
  endIdle(t);
  // There is one only where there are ids.
  const tuple = t._tuple;
  if (taken || moved) t._dirty = false;
  if (tuple && (moved || changed)) {
    // What was stored for a session that ends or moves goes; an identified visitor's state stays
    // when anonymity begins (contract 3).
    t._strategy = before;
    for (const key of (from & ANONYMOUS ? ["as"] : to & ANONYMOUS ? [] : ["id", "ses"]) as Key[]) remove(t, key);
    t._strategy = now;
  }
  if (moved) t._domain = undefined;
  t._level = to;
  // Into anonymity, only a session goes on that was anonymous already and loses nothing (W8).
  const goesOn = tuple && !newSession && (compat || (from & ANONYMOUS && !taken));
  if (from && to & ANONYMOUS) takeUp(t, goesOn ? tuple : undefined, goesOn, !goesOn);
  else takeUp(t, tuple, moved && from & IDENTIFIED, newSession);
  if (compat ? taken && !(to & SESSION) : changed) takeView(t, true);
  t._demotedId = uuid();
  t._queue._level(!!taken && !compat);
  tellLevel(t);
}

/** `enableAnonymousTracking`: options that are left out keep their value (W14, W15). */
export function enable(t: State, configuration?: EnableAnonymousTrackingConfiguration): void {
  const { options, stateStorageStrategy } = configuration ?? {};
  if (options === false) log.warn("options: false is refused");
  else toward(t, resolve(options ?? true, t._wanted), stateStorageStrategy);
  if (t._level && resolve(options) & SESSION & ~t._level) log.warn("no session without storage");
}

/** `disableAnonymousTracking`. */
export function disable(t: State, configuration?: DisableAnonymousTrackingConfiguration): void {
  const { stateStorageStrategy, newSession } = configuration ?? {};
  toward(t, IDENTIFIED, stateStorageStrategy, newSession);
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
function forget(t: State, keep?: ClearUserDataConfiguration): Omit<ClearedUserData, "collector"> {
  t._dirty = false;
  const { preserveUser, preserveSession } = keep ?? {};
  const memory = inMemory(t);
  const cookies = ownCookies(t);
  for (const name of cookies) removeCookie(t, name);
  const empty = (area: Area): string[] =>
    ownKeys(t, area).filter((key) => {
      attempt(() => win[area].removeItem(key));
      return !/\.expires$/.test(key);
    });
  const tuple = t._tuple;
  t._tuple = tuple && t._level ? fresh(t) : undefined;
  if (t._tuple && preserveSession) [t._tuple[3], t._tuple[6]] = [tuple![3], tuple![6]];
  if (!preserveUser) {
    t._userId = undefined;
    for (const name of ["uid", "duid", "nuid", "tnuid", "ip", "ua"]) delete t._pairs[name];
  } else if (t._tuple) t._tuple[1] = tuple![1];
  t._readAt = 0;
  takeView(t, true);
  return {
    cookies,
    localStorage: empty("localStorage"),
    sessionStorage: empty("sessionStorage"),
    memory,
    events: t._queue._purge(),
  };
}

/** `clearUserData` with its receipt (W17). */
export function clear(t: State, keep?: ClearUserDataConfiguration): ClearedUserData {
  const receipt = forget(t, keep);
  const asks = t._config.whiteoutCollector && !keep?.preserveUser;
  if (asks) t._queue._clearCollector(keep?.onCollectorAnswer);
  return { ...receipt, collector: asks ? "asked" : false };
}

function inMemory(t: State): string[] {
  const [, duid, , , , , session] = t._tuple ?? [];
  const { uid, ip, nuid, tnuid } = t._pairs;
  const known = {
    domain_userid: duid,
    domain_sessionid: session,
    domain_sessionidx: session,
    user_id: t._userId || uid,
    user_ipaddress: ip,
    network_userid: nuid || tnuid,
  };
  return Object.entries(known).flatMap(([name, value]) => (value ? name : []));
}

/** `getPrivacyState`. It reads no storage that the level does not use. */
export function privacyState(t: State): PrivacyState {
  const blocked = !settle(t);
  const level = t._level || judge(t)[0];
  const memory = inMemory(t);
  const reads = t._tuple || (!blocked && t._queue._stored());
  return {
    ...describe(level),
    strategy: strategyName(t._strategy),
    signal: t._signal ?? null,
    blocked,
    sent: blocked ? [] : memory.filter((name) => level & (/session/.test(name) ? SESSION | IDENTIFIED : IDENTIFIED)),
    stored: {
      cookies: reads && t._strategy & COOKIES ? ownCookies(t) : [],
      localStorage: reads ? ownKeys(t, "localStorage") : [],
      sessionStorage: reads ? ownKeys(t, "sessionStorage") : [],
    },
    memory,
    queued: t._queue._count(),
  };
}
