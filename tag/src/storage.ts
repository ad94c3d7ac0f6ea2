// Where ids are kept: cookies or local storage, by strategy (R18-R26). Every function answers
// instead of throwing, also where storage is blocked.

import { attempt, decode, doc, now, win } from "./env";
import { COOKIES, LOCAL, pageHost, type State } from "./state";
import { shortHash } from "./text";

/** `id` and `ses` of an identified visitor (R23), `as` of an anonymous session (contract 5). */
export type Key = "id" | "ses" | "as";

export type Area = "localStorage" | "sessionStorage";

/** Use local storage; undefined where it is blocked. */
export const local = <T>(action: (storage: Storage) => T): T | undefined =>
  attempt(() => action(win.localStorage));

const jar = (): string => attempt(() => doc.cookie) ?? "";

/** The value of a cookie, decoded if it can be; undefined without one. */
export function cookieValue(name: string, cookies = jar()): string | undefined {
  const found = `; ${cookies}`.split(`; ${name}=`)[1];
  return found && decode(found.split(";")[0]!);
}

function setCookie(t: State, name: string, value: string, ttl: number, path: string, domain?: string): void {
  const { cookieSameSite, cookieSecure } = t._config;
  attempt(() => {
    doc.cookie =
      `${name}=${encodeURIComponent(value)}; Path=${path}; SameSite=${cookieSameSite ?? "Lax"}` +
      (ttl ? `; Expires=${new Date(now() + ttl * 1000).toUTCString()}` : "") +
      (domain ? `; Domain=${domain}` : "") +
      (cookieSecure === false ? "" : "; Secure");
  });
}

/** Domains that a cookie of this page can have, the widest first (R19). */
function domains(): string[] {
  const labels = pageHost.split(".");
  return labels.map((_, i) => labels.slice(-i - 1).join(".")).slice(1);
}

// Hashing takes longer than everything else about an event.
const hashes: Record<string, string> = {};

function nameOn(t: State, key: Key, domain?: string): string {
  const place = (domain || pageHost) + t._path;
  return t._prefix + key + "." + (hashes[place] ??= shortHash(place));
}

/**
 * The domain of the cookies. It is recognised by the cookies that are there; only where one is
 * about to be written, and none is there, a test cookie finds it (W1).
 */
function domain(t: State, key: Key, writing?: boolean): string | undefined {
  const { cookieDomain, discoverRootDomain } = t._config;
  if (cookieDomain || discoverRootDomain === false) return cookieDomain;
  t._domain ??= domains().find((one) => valueOf(t, nameOn(t, key, one)) !== undefined);
  if (writing && t._strategy & COOKIES) {
    const test = `_sp_root_domain_test_${now()}`;
    // Where no cookie stays, one look is enough.
    t._domain ??= domains().find((one) => {
      setCookie(t, test, "1", 0, "/", one);
      const stuck = cookieValue(test);
      if (stuck) setCookie(t, test, "", -1, "/", one);
      return stuck;
    }) ?? "";
  }
  return t._domain;
}

function valueOf(t: State, name: string, cookies?: string): string | undefined {
  if (t._strategy & COOKIES) return cookieValue(name, cookies);
  if (t._strategy & LOCAL) {
    return local((storage) => {
      const expires = storage.getItem(`${name}.expires`);
      if (expires !== null && !(+expires > now())) removeLocal(name);
      return storage.getItem(name) ?? undefined;
    });
  }
  return undefined;
}

/** The full name of a key, as `getCookieName` tells it. */
export const keyName = (t: State, key: Key): string => nameOn(t, key, domain(t, key));

/** What is stored under these keys; all cookies are read at once, which is dear. */
export function read(t: State, ...keys: Key[]): Array<string | undefined> {
  const cookies = t._strategy & COOKIES ? jar() : undefined;
  return keys.map((key) => valueOf(t, keyName(t, key), cookies));
}

/** Store a value for so many seconds; whether it stayed, unless it is `sure` to: looking is dear. */
export function write(t: State, key: Key, value: string, ttl: number, sure?: boolean): boolean {
  const place = domain(t, key, true);
  const name = nameOn(t, key, place);
  if (t._strategy & COOKIES) setCookie(t, name, value, ttl, t._path, place);
  else {
    local((storage) => {
      storage.setItem(`${name}.expires`, `${now() + ttl * 1000}`);
      storage.setItem(name, value);
    });
  }
  return sure || valueOf(t, name) === value;
}

/** Remove a key of local storage and the time that it ends. */
export function removeLocal(name: string): void {
  local((storage) => {
    storage.removeItem(name);
    storage.removeItem(`${name}.expires`);
  });
}

/** Names of this tracker's among those found: state keys under any path (W21), queues, the tab. */
const own = (t: State, names: string[] | undefined): string[] =>
  (names ?? []).filter((name) =>
    /^(\n(id|ses|as)\.[\da-f]{4}|\n?\t(_post2|_get)?)(\.expires)?$|(^_sp_|\n)tab_id$/.test(
      name.replace(t._key, "\t").replace(t._prefix, "\n"),
    ),
  );

/** Keys of a storage area that hold this tracker's data. */
export const ownKeys = (t: State, area: Area): string[] => own(t, attempt(() => Object.keys(win[area])));

/** Names of the cookies that hold this tracker's data. */
export const ownCookies = (t: State): string[] =>
  own(
    t,
    jar()
      .split("; ")
      .map((pair) => pair.split("=")[0]!),
  );

/** Remove a cookie wherever this page could have put it. */
export function removeCookie(t: State, name: string): void {
  for (const path of ["/", ...t._paths]) {
    for (const place of [undefined, t._config.cookieDomain, ...domains()]) setCookie(t, name, "", -1, path, place);
  }
}

/** Remove one key of the current strategy. */
export function remove(t: State, key: Key): void {
  const name = keyName(t, key);
  if (t._strategy & LOCAL) removeLocal(name);
  else if (read(t, key)[0] !== undefined) removeCookie(t, name);
}
