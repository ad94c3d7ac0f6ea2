// The page and the browser around the tag. Nothing here touches storage.

import type { Logger } from "./types";

declare const __VERSION__: string;

/** The library's name and version, as events carry it (`tv`, R113). */
export const VERSION = `whiteout-${__VERSION__}`;

// An npm package may be imported where there is no window (R3).
export const inBrowser = __SCRIPT__ || typeof window !== "undefined";
// What a page or a browser may have besides the standard is looked up by name.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const win = (inBrowser ? window : {}) as Window & typeof globalThis & Record<string, any>;
export const doc = win.document;
export const nav = win.navigator as Navigator & Record<string, unknown>;

export const now = (): number => Date.now();

/** A random UUID, version 4. */
export function uuid(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Pages without TLS have no randomUUID, but the name of an object URL ends with one.
  const url = URL.createObjectURL(new Blob());
  URL.revokeObjectURL(url);
  return url.slice(-36);
}

// What is loaded when it is first needed is beside the script.
const { src } = ((__SCRIPT__ && doc.currentScript) || {}) as HTMLScriptElement;

/** A file of ours, as a module. */
export const lazily = <T>(name: string): Promise<T> =>
  import(new URL(`plugins/${name}.js`, src).href) as Promise<T>;

let level = 2;

/** Messages to the developer: levels none 0, error 1, warn 2, debug 3, info 4 (R107). */
export const log = {
  setLogLevel(value: number): void {
    level = value;
  },
} as Logger;
(["error", "warn", "debug", "info"] as const).forEach((method, rank) => {
  log[method] = (...said: unknown[]) => rank < level && console[method]("whiteout:", ...said);
});

/**
 * The result of foreign or fallible code, or undefined where it throws: no exception reaches the
 * page. With a message, the developer is told.
 */
export function attempt<T>(action: () => T, message?: string): T | undefined {
  try {
    return action();
  } catch (error) {
    if (message) log.error(message, error);
    return undefined;
  }
}

/** Percent-decoded text; text that is malformed stays as it is (W13). */
export const decode = (text: string): string => attempt(() => decodeURIComponent(text)) ?? text;

/** Do something later, so that no exception reaches the page. */
export const later = (action: () => unknown, delay?: number): number =>
  win.setTimeout(() => attempt(action, "failed"), delay);

/** Let a promise fail in silence. */
export const hush = (promise: Promise<unknown>): void => {
  promise.catch(() => undefined);
};

/** Listen, in a way that neither disturbs the page nor throws into it. */
export function listen<E extends Event>(
  target: EventTarget,
  types: string,
  handler: (event: E) => void,
): void {
  for (const type of types.split(" ")) {
    target.addEventListener(type, (event) => attempt(() => handler(event as E), type), {
      passive: true,
      capture: true,
    });
  }
}
