// The visitor and the visit: the tuple of `_sp_id`, sessions, and when they are stored (R44-R70).

import { guarded, later, log, now, uuid, win } from "./env";
import { entity } from "./payload";
import type { State } from "./state";
import { ZERO_UUID } from "./generated/identifiers";
import { read, usesCookies, write } from "./storage";
import type { ClientSession, ParsedIdCookie, SelfDescribingJson } from "./types";

const seconds = (): number => Math.round(now() / 1000);

const id = (text = ""): string =>
  /^([\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}|[\da-f]{16})$/.test(text) ? text : "";
const int = (text = ""): number | undefined => (/^\d{1,15}$/.test(text) ? +text : undefined);

/** Whether the level needs ids at all. Without, nothing is read and nothing written (W22). */
export const hasIds = (t: State): boolean => !!t._level && (!t._level._anon || t._level._session);

/** Whether events carry the visitor's own id. */
const hasUser = (t: State): boolean => !t._level!._anon && t._strategy !== "none";

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
function renew(tuple: ParsedIdCookie): void {
  if (tuple[0] === "0") {
    tuple[7] = tuple[6];
    tuple[5] = tuple[4];
  }
  tuple[3]++;
  tuple.splice(8, 3, "", undefined, 0);
  tuple[6] = uuid();
}

const timeout = (t: State): number => t._config.sessionCookieTimeout ?? 1800;

/** What is stored for the current level; a new session of it where the last one is over. */
function stored(t: State): [tuple?: ParsedIdCookie | undefined, alive?: boolean] {
  if (t._strategy === "none") return [];
  const text = read(t, t._level!._anon ? "as" : "id");
  const tuple = text ? parse(t, text) : undefined;
  const alive = t._level!._anon || !!read(t, "ses");
  if (tuple && !alive) renew(tuple);
  return [tuple, alive];
}

/**
 * Take up the ids of the current level, or make new ones (R54, contracts 3 and 4).
 *
 * `carried` is a session that goes on; `moved` tells that it comes with all that is known, so that
 * nothing stored counts; `begin` asks for a new session.
 */
export function takeUp(t: State, carried?: ParsedIdCookie, moved?: boolean, begin?: boolean): void {
  t._tuple = undefined;
  if (!hasIds(t)) return;
  const { _anon } = t._level!;
  let tuple = carried;
  if (!moved && !(_anon && begin)) {
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
  if (_anon) tuple[1] = tuple[7] = "";
  else {
    if (hasUser(t)) tuple[1] ||= uuid();
    if (begin) renew(tuple);
  }
  t._lastEvent = now();
  save(t);
}

/** Store the state: soon, or now where the site wants that. */
export function save(t: State): void {
  t._readAt = now();
  if (t._strategy === "none") return;
  t._dirty = true;
  if (t._config.synchronousCookieWrite) store(t);
  else t._timer ??= later(() => store(t), 10);
}

/** Store the state now, if there is anything new. Whether it stayed. */
export function store(t: State): boolean {
  const tuple = t._tuple;
  const due = t._dirty && tuple && hasIds(t);
  cancel(t);
  if (!due) return true;
  t._readAt = now();
  const text = tuple.slice(1).join(".");
  let stayed: boolean;
  if (t._level!._anon) stayed = write(t, "as", text, timeout(t));
  else {
    stayed = write(t, "ses", "*", timeout(t));
    write(t, "id", text, t._lifetime);
  }
  if (stayed) tuple[0] = "0";
  return stayed;
}

/** Forget what was not stored yet. */
export function cancel(t: State): void {
  win.clearTimeout(t._timer);
  t._timer = undefined;
  t._dirty = false;
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
  if (now() - t._lastEvent! > timeout(t) * 1000) renew(tuple);
  return tuple;
}

/** Count an event in (R56-R59). */
export function count(t: State, eventId: string, at: number): ParsedIdCookie {
  const tuple = refresh(t);
  if (!tuple[10]++) {
    tuple[8] = eventId;
    tuple[9] = at;
  }
  touch(t, tuple);
  return tuple;
}

function touch(t: State, tuple: ParsedIdCookie): void {
  tuple[4] = seconds();
  t._lastEvent = now();
  save(t);
}

/** Tell the site about a session that it has not been told of (R67, W27). */
export function tell(t: State): void {
  const callback = t._config.onSessionUpdateCallback;
  const session = t._tuple?.[6];
  if (callback && session && session !== t._told && t._strategy !== "none") {
    t._told = session;
    store(t);
    guarded(() => callback(sessionData(t)), "onSessionUpdateCallback");
  }
}

/** Start a new session by hand (R64). */
export function startSession(t: State): void {
  if (!hasIds(t)) return;
  const tuple = refresh(t);
  renew(tuple);
  if (t._level!._anon) tuple[7] = "";
  touch(t, tuple);
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
    storageMechanism: usesCookies(t) ? "COOKIE_1" : "LOCAL_STORAGE",
    firstEventId: first || null,
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
  return contexts?.session && t._strategy !== "none" && !inApp
    ? entity("client_session", sessionData(t), "1-0-2")
    : undefined;
}

/** Check that an anonymous session can be kept; else there is none (contract 1). */
export function checkUsable(t: State): void {
  if (!t._level!._session || store(t)) return;
  t._unusable = true;
  log.warn("no usable storage, so no session");
}
