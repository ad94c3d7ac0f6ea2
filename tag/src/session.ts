// The visitor and the visit: the tuple of `_sp_id`, sessions, and when they are stored (R44-R70).

import { attempt, now, uuid, win } from "./env";
import { ZERO_UUID } from "./generated/identifiers";
import { ANONYMOUS, IDENTIFIED, SERVER, SESSION } from "./modes";
import { entity } from "./payload";
import { afterwards } from "./soon";
import { COOKIES, type State } from "./state";
import { read, write, type Key } from "./storage";
import type { ClientSession, ParsedIdCookie, SelfDescribingJson } from "./types";

const seconds = (): number => Math.round(now() / 1000);

const id = (text = ""): string =>
  /^([\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}|[\da-f]{16})$/.test(text) ? text : "";
const int = (text = ""): number | undefined => (/^\d{1,15}$/.test(text) ? +text : undefined);

/** Whether the level needs ids at all. Without, nothing is read and nothing written (W22). */
const hasIds = (t: State): number => t._level! & (IDENTIFIED | SESSION);

/** Whether events carry the visitor's own id. */
const hasUser = (t: State): unknown => t._level! & IDENTIFIED && t._strategy;

/** A visitor nobody has seen before. */
export const fresh = (t: State): ParsedIdCookie => parse(t, "", "1");

/** Read a stored value; fields that cannot be what they should be count as missing (W26). */
function parse(t: State, text: string, flag = "0"): ParsedIdCookie {
  const part = text.split(".");
  const first = id(part[7]);
  return [
    flag,
    hasUser(t) ? id(part[0]) || uuid() : "",
    int(part[1]) ?? seconds(),
    int(part[2]) || 1,
    int(part[3]) ?? seconds(),
    int(part[4]),
    id(part[5]) || uuid(),
    id(part[6]),
    first,
    first ? int(part[8]) : undefined,
    int(part[9]) ?? 0,
  ];
}

/** Start a new session on a tuple (R55). */
function renew(t: State, tuple: ParsedIdCookie): void {
  if (tuple[0] === "0") {
    tuple[7] = t._level! & ANONYMOUS ? "" : tuple[6];
    tuple[5] = tuple[4];
  }
  tuple[3]++;
  tuple.splice(8, 3, "", undefined, 0);
  tuple[6] = uuid();
}

const timeout = (t: State): number => t._config.sessionCookieTimeout ?? 1800;

/** What is stored for the current level; a new session of it where the last one is over. */
function stored(t: State): [tuple?: ParsedIdCookie | undefined, alive?: boolean] {
  const [text, visit] = t._level! & ANONYMOUS ? [...read(t, "as"), "*"] : read(t, "id", "ses");
  // A session that was not server-anonymous can be tied to a person: it ends here (contract 3).
  const tuple = text && !(t._level! & SERVER && !/s$/.test(text)) ? parse(t, text) : undefined;
  const alive = !!visit;
  if (tuple && !alive) renew(t, tuple);
  return [tuple, alive];
}

/**
 * Take up the ids of the current level, or make new ones (R54, contracts 3 and 4).
 *
 * `carried` is a session that goes on; `moved` tells that it comes with all that is known, so that
 * nothing stored counts; `begin` asks for a new session.
 */
export function takeUp(t: State, carried?: ParsedIdCookie, moved?: unknown, begin?: boolean): void {
  t._tuple = undefined;
  if (!hasIds(t)) return;
  const anonymous = t._level! & ANONYMOUS;
  let tuple = carried;
  if (!moved && !(anonymous && begin)) {
    const [known, alive] = stored(t);
    // The visitor is known, and the visit that was tracked anonymously is the next one.
    if (known && carried && !alive) {
      known[6] = carried[6];
      known.splice(8, 3, ...carried.slice(8));
    }
    if (alive && known?.[10]) t._told = known[6];
    tuple = known ?? carried;
  }
  tuple = t._tuple = tuple ? [...tuple] : fresh(t);
  tuple[1] = hasUser(t) ? tuple[1] || uuid() : "";
  if (anonymous) tuple[7] = "";
  else if (begin) renew(t, tuple);
  touch(t);
}

/** An event or a visit happens now, and the state is stored: soon, or now where the site wants that. */
function touch(t: State): void {
  t._lastEvent = t._readAt = now();
  t._dirty = true;
  if (t._config.synchronousCookieWrite) store(t);
  else afterwards(t._store);
}

/** Store the state now, if there is anything new. Whether it stayed. */
export function store(t: State): boolean {
  const tuple = t._tuple;
  if (!t._dirty || !t._strategy || !tuple) return true;
  t._dirty = false;
  t._readAt = now();
  const text = tuple.slice(1).join(".") + (t._level! & SERVER ? ".s" : "");
  const anonymous = t._level! & ANONYMOUS;
  if (!anonymous) write(t, "id", text, t._lifetime, true);
  const [key, value] = (anonymous ? ["as", text] : ["ses", "*"]) as [Key, string];
  const stayed = write(t, key, value, timeout(t), tuple[0] === "0");
  if (stayed) tuple[0] = "0";
  return stayed;
}

/** Bring the tuple up to date with storage, other tabs and the clock. */
export function refresh(t: State): ParsedIdCookie {
  const tuple = (t._tuple ??= fresh(t));
  if (!t._dirty && (now() - t._readAt! > 50 || t._config.synchronousCookieWrite)) {
    t._readAt = now();
    const [known] = stored(t);
    if (known) return (t._tuple = known);
    tuple[0] = "1";
  }
  endIdle(t);
  return tuple;
}

/** End the session that is held in memory, if its time is up. */
export function endIdle(t: State): void {
  if (t._tuple && now() - t._lastEvent! > timeout(t) * 1000) renew(t, t._tuple);
}

/** Count an event in (R56-R59). */
export function count(t: State, eventId: string, at: number): ParsedIdCookie {
  const tuple = refresh(t);
  if (!tuple[10]++) [tuple[8], tuple[9]] = [eventId, at];
  tuple[4] = seconds();
  touch(t);
  return tuple;
}

/** Tell the site about a session that it has not been told of (R67, W27). */
export function tell(t: State): void {
  const callback = t._config.onSessionUpdateCallback;
  const session = t._tuple?.[6];
  if (callback && t._strategy && session && session !== t._told) {
    t._told = session;
    store(t);
    attempt(() => callback(sessionData(t)), "onSessionUpdateCallback");
  }
}

/** Start a new session by hand (R64). */
export function startSession(t: State): void {
  const visits = t._tuple?.[3];
  if (!visits) return;
  const tuple = refresh(t);
  // A session whose time was up has just been followed by a new one.
  if (tuple[3] === visits || tuple[10]) renew(t, tuple);
  tuple[4] = seconds();
  touch(t);
  store(t);
  tell(t);
}

/** The session as entity and callback tell it (R35); an anonymous one is scrubbed like the rest. */
function sessionData(t: State): ClientSession {
  const [, userId, , sessionIndex, , , sessionId, previous, first, at, eventIndex] = t._tuple!;
  return {
    userId: userId || ZERO_UUID,
    sessionId,
    sessionIndex,
    eventIndex,
    previousSessionId: previous || null,
    storageMechanism: t._strategy & COOKIES ? "COOKIE_1" : "LOCAL_STORAGE",
    firstEventId: t._level! & ANONYMOUS && !t._config.upstreamCompat ? undefined : first || null,
    firstEventTimestamp: at ? new Date(at).toISOString() : null,
  };
}

/** The entity `client_session`, where it would be valid (W25). */
export function sessionEntity(t: State): SelfDescribingJson | undefined {
  const { contexts, disableSessionContextWithinWebView } = t._config;
  const inApp =
    disableSessionContextWithinWebView &&
    (win["SnowplowWebInterfaceV2"] ||
      win["webkit"]?.messageHandlers?.snowplowV2 ||
      win["ReactNativeWebView"]);
  return contexts?.session && t._strategy && !inApp
    ? entity("client_session", sessionData(t), "1-0-2")
    : undefined;
}
