// Where ids are kept: cookies or local storage, by strategy (R18-R26). Every function answers
// instead of throwing, also where storage is blocked.

import { attempt, decode, doc, now, win } from "./env";
import { pageHost, type State } from "./state";
import { shortHash } from "./text";

/** `id` and `ses` of an identified visitor (R23), `as` of an anonymous session (contract 5). */
export type Key = "id" | "ses" | "as";

export const usesCookies = (t: State): boolean => /^cookie/.test(t._strategy);

/** Use local storage; undefined where it is blocked. */
export const local = <T>(action: (storage: Storage) => T): T | undefined =>
  attempt(() => action(win.localStorage));

const jar = (): string[][] =>
  (attempt(() => doc.cookie) ?? "").split(/; */).map((pair) => pair.split(/=(.*)/s));

/** The value of a cookie, decoded if it can be; undefined without one. */
export function cookieValue(name: string): string | undefined {
  const found = jar().find(([key]) => key === name);
  return found && decode(found[1] ?? "");
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
  const labels = pageHost().split(".");
  return labels.map((_, i) => labels.slice(-i - 1).join(".")).slice(labels[1] ? 1 : 0);
}

const nameOn = (t: State, key: Key, domain?: string): string =>
  t._prefix + key + "." + shortHash((domain || pageHost()) + t._path);

/**
 * The domain of the cookies. It is recognised by the cookies that are there; only where one is
 * about to be written, and none is there, a test cookie finds it (W1).
 */
function domain(t: State, key: Key, writing?: boolean): string | undefined {
  const { cookieDomain, discoverRootDomain } = t._config;
  if (cookieDomain || discoverRootDomain === false) return cookieDomain;
  t._domain ??= domains().find((one) => valueOf(t, nameOn(t, key, one)) !== undefined);
  if (!t._domain && writing && usesCookies(t)) {
    const test = `_sp_root_domain_test_${now()}`;
    t._domain = domains().find((one) => {
      setCookie(t, test, "1", 0, "/", one);
      const stuck = cookieValue(test);
      if (stuck) setCookie(t, test, "", -1, "/", one);
      return stuck;
    });
  }
  return t._domain;
}

function valueOf(t: State, name: string): string | undefined {
  if (usesCookies(t)) return cookieValue(name);
  if (t._strategy === "none") return undefined;
  return local((storage) => {
    const expires = storage.getItem(`${name}.expires`);
    if (expires !== null && !(+expires > now())) removeLocal(name);
    return storage.getItem(name) ?? undefined;
  });
}

/** The full name of a key, as `getCookieName` tells it. */
export const keyName = (t: State, key: Key): string => nameOn(t, key, domain(t, key));

/** What is stored under a key, if anything. */
export const read = (t: State, key: Key): string | undefined => valueOf(t, keyName(t, key));

/** Store a value for so many seconds; whether it stayed. */
export function write(t: State, key: Key, value: string, ttl: number): boolean {
  const place = domain(t, key, true);
  const name = nameOn(t, key, place);
  if (usesCookies(t)) setCookie(t, name, value, ttl, t._path, place);
  else {
    local((storage) => {
      storage.setItem(`${name}.expires`, `${now() + ttl * 1000}`);
      storage.setItem(name, value);
    });
  }
  return valueOf(t, name) === value;
}

function removeLocal(name: string): void {
  local((storage) => {
    storage.removeItem(name);
    storage.removeItem(`${name}.expires`);
  });
}

/** Whether a name is that of a state key or the queue of this tracker, under any path (W21). */
const isOwn = (t: State, name: string): boolean =>
  (name.startsWith(t._prefix) && /^(id|ses|as)\.[\da-f]{4}(\.|$)/.test(name.slice(t._prefix.length))) ||
  (name.startsWith(t._key) && /^(_(post2|get)(\.|$)|$)/.test(name.slice(t._key.length))) ||
  name === "_sp_tab_id";

/** Keys of a storage area that hold this tracker's data. */
export const ownKeys = (t: State, area: "localStorage" | "sessionStorage"): string[] =>
  (attempt(() => Object.keys(win[area])) ?? []).filter((key) => isOwn(t, key));

/** Names of the cookies that hold this tracker's data. */
export const ownCookies = (t: State): string[] =>
  jar()
    .map(([name]) => name!)
    .filter((name) => isOwn(t, name));

/** Remove a cookie wherever this page could have put it. */
export function removeCookie(t: State, name: string): void {
  for (const path of ["/", ...t._paths]) {
    for (const place of [undefined, t._config.cookieDomain, ...domains()]) setCookie(t, name, "", -1, path, place);
  }
}

/** Remove one key of the current strategy. */
export function remove(t: State, key: Key): void {
  const name = keyName(t, key);
  if (usesCookies(t)) {
    if (cookieValue(name) !== undefined) removeCookie(t, name);
  } else if (t._strategy !== "none") removeLocal(name);
}
