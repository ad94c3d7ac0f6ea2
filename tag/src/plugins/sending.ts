// What the plugins share: events of the protocol's vendor, for several trackers at once.

import { compact, entity, selfDescribing } from "../payload";
import type { BrowserTracker, CommonEventProperties, SelfDescribingJson } from "../types";

export type Input = Record<string, unknown> & CommonEventProperties;

/** The members of an object that have these names. */
export const pick = (from: Record<string, unknown>, names: string): Record<string, unknown> =>
  Object.fromEntries(names.split(" ").map((name) => [name, from[name]]));

interface Options {
  version?: string;
  vendor?: string;
  entities?: SelfDescribingJson[];
  /** Members that are sent even if they are null. */
  keep?: Record<string, unknown>;
}

/** Send a self-describing event through each tracker; members that are null are left out. */
export function send(
  trackers: BrowserTracker[],
  name: string,
  data: Record<string, unknown>,
  { context, timestamp }: CommonEventProperties,
  { version, vendor, entities = [], keep }: Options = {},
): void {
  for (const { core } of trackers) {
    const event = selfDescribing(entity(name, { ...compact(data), ...keep }, version, vendor));
    core.track(event, [...(context ?? []), ...entities], timestamp);
  }
}

/** The entities that a configuration gives: each is one, or a function that makes one or several. */
export const dynamic = (context: unknown, ...about: unknown[]): SelfDescribingJson[] =>
  ((context ?? []) as unknown[]).flatMap((one) => {
    try {
      return ((typeof one === "function" ? one(...about) : one) ?? []) as SelfDescribingJson[];
    } catch {
      return [];
    }
  });

type Criterion<E> =
  | { allowlist?: string[]; denylist?: string[]; filter?: (element: E) => boolean }
  | null
  | undefined;

/** A test from a criterion, by the names that an element has. */
export const accepts =
  <E extends Element>(criterion: Criterion<E>, names: (element: E) => string[]) =>
  (element: E): boolean => {
    const { allowlist, denylist, filter } = criterion ?? {};
    const has = (list: string[]): boolean => names(element).some((name) => list.includes(name));
    if (allowlist) return has(allowlist);
    if (denylist) return !has(denylist);
    return filter?.(element) ?? true;
  };

export const classes = (element: Element): string[] => [...element.classList];

/** Listeners of each tracker, by its id; `off` ends those that are there. */
export function listeners() {
  const ends: Record<string, Array<() => void>> = {};
  const off = ({ id }: BrowserTracker): void => {
    for (const end of ends[id] ?? []) end();
    ends[id] = [];
  };
  return {
    off: (trackers: BrowserTracker[]): void => trackers.forEach(off),
    /** Listen for one tracker; what the listener throws stays out of the page. */
    on<E extends Event>({ id }: BrowserTracker, target: EventTarget, type: string, handle: (event: E) => void): void {
      const listener = (event: Event): void => {
        try {
          handle(event as E);
        } catch (error) {
          console.error("whiteout:", error);
        }
      };
      target.addEventListener(type, listener, true);
      (ends[id] ??= []).push(() => target.removeEventListener(type, listener, true));
    },
  };
}
