// The queue on the device: one key of local storage for all tabs (R137, W4, W38, W42). Each change
// happens under a lock where the browser has locks. A stored event belongs to the tab that stored
// it until its time is up; then any other tab may take it over.

import { attempt, hush, later, listen, nav, now, win } from "./env";
import type { Item } from "./queue";
import type { State } from "./state";
import { local } from "./storage";
import type { EventStorePayload, Payload } from "./types";

interface Stored extends EventStorePayload {
  anon?: boolean | undefined;
  until?: number;
}

/** How long an event belongs to a tab that does not renew it, in milliseconds. */
const LEASE = 30_000;
/** An event that is delivered at once is never written to the device. */
const PATIENCE = 100;

/** Keeps the items of a queue on the device; calls `adopted` when it has added some. */
export function keeper(t: State, items: Item[], adopted: () => void) {
  const key = t._key;
  const custom = t._config.eventStore;
  /** Event ids that stand in storage because of this tab. */
  let mine: unknown[] = [];
  let timer: number | undefined;
  let renewal: number | undefined;
  let was: boolean | undefined;
  let released: boolean | undefined;

  const on = (): boolean =>
    !!t._level && !custom && t._config.useLocalStorage !== false && /ocalStorage$/.test(t._strategy);

  const eid = (item: Stored): unknown => item.payload["eid"];

  const parse = <T>(name: string): T[] => (local((storage) => JSON.parse(storage.getItem(name) ?? "[]")) ?? []) as T[];

  const load = (): Stored[] => parse<Stored>(key).filter((item) => item.payload?.["e"]);

  /** Events that the official tracker, version 3, left behind. */
  const older = (): Stored[] =>
    [`${key}_post2`, `${key}_get`].flatMap((name) => {
      const found = parse<string | { evt: Payload }>(name);
      if (found[0]) {
        local((storage) => storage.removeItem(name));
        local((storage) => storage.removeItem(`${name}.expires`));
      }
      return found.map((item) => ({
        payload: typeof item === "string" ? Object.fromEntries(new URLSearchParams(item)) : item.evt,
      }));
    });

  function take(found: readonly Stored[]): void {
    for (const { payload, svrAnon, anon } of found) items.push({ payload, svrAnon: !!svrAnon, _anon: anon });
    if (found[0]) adopted();
  }

  /** Bring memory and storage together. `adopt` what is free; `gone` gives up what is one's own. */
  function sync(adopt?: boolean, gone?: boolean): void {
    const time = now();
    let others = load().filter((item) => !mine.includes(eid(item)));
    if (adopt) {
      const free = others.filter(({ until }) => !(until! > time));
      others = others.filter((item) => !free.includes(item));
      take([...free, ...older()]);
    }
    const own = items
      .filter((item) => !(gone && item._left))
      .map(({ payload, svrAnon, _anon }) => ({ payload, svrAnon, anon: _anon, until: gone ? 0 : time + LEASE }));
    const all = [...others, ...own];
    local((storage) => {
      if (all[0]) storage.setItem(key, JSON.stringify(all));
      else if (storage.getItem(key)) storage.removeItem(key);
    });
    mine = own.map(eid);
    win.clearTimeout(renewal);
    const due = Math.min(own[0] ? LEASE / 3 : Infinity, ...others.map(({ until }) => until! - time + 50));
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
    for (const item of [...items]) {
      if (mine.includes(eid(item)) && !left.includes(eid(item))) items.splice(items.indexOf(item), 1);
    }
    locked();
  });

  return {
    _soon(): void {
      timer ??= later(() => {
        timer = undefined;
        if (custom) hush(saveCustom());
        else if (items[0] || mine[0]) locked();
      }, PATIENCE);
    },
    _forget(): void {
      mine = [];
      if (custom) later(() => hush(saveCustom()));
    },
    _check(): void {
      if (was && !on()) {
        local((storage) => storage.removeItem(key));
        mine = [];
      } else if (!was && on()) locked(true);
      was = on();
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
