// The queue on the device: one key of local storage for all tabs (R137, W4, W38, W42). Each change
// happens under a lock where the browser has locks. A stored event belongs to the tab that stored
// it until its time is up; then any other tab may take it over.

import { attempt, hush, later, listen, nav, now, win } from "./env";
import type { Item } from "./queue";
import { QUEUE, type State } from "./state";
import { local, removeLocal } from "./storage";
import type { EventStorePayload, Payload } from "./types";

interface Stored extends EventStorePayload {
  anon?: unknown;
  until?: number;
}

/** How long an event belongs to a tab that does not renew it, in milliseconds. */
const LEASE = 30_000;
/** An event that is delivered at once is never written to the device. */
const PATIENCE = 100;

const eid = (item: Stored): unknown => item.payload["eid"];

const parse = <T>(name: string): T[] =>
  (local((storage) => JSON.parse(storage.getItem(name) ?? "[]")) ?? []) as T[];

/** Keeps the items of a queue on the device; calls `adopted` when it has added some. */
export function keeper(t: State, items: Item[], adopted: () => void) {
  const key = t._key;
  const custom = t._config.eventStore;
  /** Event ids that stand in storage because of this tab. */
  let mine: unknown[] = [];
  let timer: number | undefined;
  let renewal: number | undefined;
  let was: unknown;
  let released: boolean | undefined;

  const on = (): unknown =>
    t._level && !custom && t._config.useLocalStorage !== false && t._strategy & QUEUE;

  const load = (): Stored[] => parse<Stored>(key).filter((item) => item.payload?.["e"]);

  /** Events that the official tracker, version 3, left behind. */
  const older = (): Stored[] =>
    ["_post2", "_get"].flatMap((kind) => {
      const found = parse<string | { evt: Payload }>(key + kind);
      if (found[0]) removeLocal(key + kind);
      return found.map((item) => ({
        payload: typeof item === "string" ? Object.fromEntries(new URLSearchParams(item)) : item.evt,
      }));
    });

  function take(found: readonly Stored[]): void {
    items.push(...found.map(({ payload, svrAnon, anon }) => ({ payload, svrAnon: !!svrAnon, anon })));
    if (found[0]) adopted();
  }

  /** Bring memory and storage together. `adopt` what is free; `gone` gives up what is one's own. */
  function sync(adopt?: boolean, gone?: boolean): void {
    const time = now();
    const found = load().filter((item) => !mine.includes(eid(item)));
    const others = adopt ? found.filter((item) => item.until! > time) : found;
    if (adopt) take([...found.filter((item) => !others.includes(item)), ...older()]);
    const until = gone ? 0 : time + LEASE;
    const own = items
      .filter((item) => !item._wash && !(gone && item._left))
      .map(({ payload, svrAnon, anon }) => ({ payload, svrAnon, anon, until }));
    const all = [...others, ...own];
    local((storage) => (all[0] ? storage.setItem(key, JSON.stringify(all)) : storage.removeItem(key)));
    mine = own.map(eid);
    win.clearTimeout(renewal);
    const due = Math.min(own[0] ? LEASE / 3 : Infinity, ...others.map((item) => item.until! - time + 50));
    if (due < Infinity) renewal = later(() => locked(true), due);
  }

  /** Bring both together while no other tab does. */
  function locked(adopt?: boolean): void {
    const act = (): void => {
      if (on() && !released) sync(adopt);
    };
    if (nav.locks) attempt(() => hush(nav.locks.request(key, act)));
    else act();
  }

  async function saveCustom(): Promise<void> {
    await custom!.removeHead(await custom!.count());
    for (const { payload, svrAnon } of items) await custom!.add({ payload, svrAnon });
  }

  if (custom) hush(custom.getAll().then(take));
  // A page that comes back gives up what another page has taken over meanwhile.
  listen(win, "pageshow", () => {
    if (!released) return;
    released = false;
    const left = load().map(eid);
    const taken = mine.filter((id) => !left.includes(id));
    items.splice(0, Infinity, ...items.filter((item) => !taken.includes(eid(item))));
    locked();
  });

  return {
    _soon(): void {
      const act = (): void => {
        timer = undefined;
        if (custom) hush(saveCustom());
        else locked();
      };
      if (custom || items[0] || mine[0]) timer ??= later(act, PATIENCE);
      else timer = void win.clearTimeout(timer);
    },
    /** What was stored is not this tab's any more. */
    _forget(): void {
      mine = [];
      if (custom) later(() => hush(saveCustom()));
    },
    _check(): void {
      const is = on();
      if (was && !is) {
        local((storage) => storage.removeItem(key));
        mine = [];
      } else if (!was && is) later(() => locked(true));
      was = is;
    },
    _on: on,
    _gone: () => released,
    _leave(gone: boolean): void {
      // Hiding follows upon leaving, and must not take back what was given up.
      if (on() && !released && (items[0] || mine[0])) sync(false, gone);
      released ||= gone;
    },
  };
}
