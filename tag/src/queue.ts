// Events that wait to be sent (R137-R150). Identified and server-anonymous events have a lane each,
// so that neither blocks the other (contract 8), and no request mixes them (R34).

import { hush, later, log, now, win } from "./env";
import { traits } from "./late";
import { keeper } from "./keeper";
import { ANONYMOUS, IDENTIFIED, SERVER } from "./modes";
import { cleaner, scrubPayload, type Wash } from "./scrub";
import type { State } from "./state";
import { afterwards } from "./soon";
import { byteLength } from "./text";
import { ENVELOPE, KEEPALIVE, member, query, send } from "./transport";
import type { Payload } from "./types";

export interface Item {
  payload: Payload;
  svrAnon: boolean;
  /** Whether it was tracked, or scrubbed since, while anonymous. */
  anon: unknown;
  /** Traits are added when the event leaves. */
  _late?: unknown;
  _flying?: boolean;
  /** Its JSON must be cleaned, and is added then. */
  _wash?: Wash | undefined;
  /** Was given to the browser in a request that outlives the page. */
  _left?: boolean;
}

interface Lane {
  readonly _server: boolean;
  _abort?: AbortController | undefined;
  _failures: number;
  _notBefore: number;
  _most: number;
}

export type Queue = ReturnType<typeof makeQueue>;

/** The queue of a tracker. `settled` tells whether anything may be sent now. */
export function makeQueue(t: State, settled: () => boolean) {
  const config = t._config;
  const items: Item[] = [];
  const lanes: Lane[] = [false, true].map((_server) => ({ _server, _failures: 0, _notBefore: 0, _most: Infinity }));
  let bufferSize = config.bufferSize ?? 1;
  let extended: boolean | undefined;
  /** Bytes of requests that outlive the page, under way now. */
  let leaving = 0;
  const kept = keeper(t, items, () => {
    if (t._level! & ANONYMOUS) demote();
    schedule();
  });

  /** Take the ids out of events that were tracked at a weaker level (W23). */
  function demote(all?: boolean): void {
    for (const item of [...items]) {
      if (item.anon && !all) continue;
      const [clean, wash] = scrubPayload(t, item.payload, false, true);
      item.anon = true;
      item._late = false;
      item.svrAnon ||= !!(t._level! & SERVER);
      if (clean) item.payload = clean;
      else remove([item]);
      soil(item, wash);
    }
    kept._soon();
  }

  /** An item waits until its JSON can be cleaned. */
  function soil(item: Item, wash?: Wash): void {
    item._wash = wash;
    if (wash) hush(cleaner().then(clean));
  }

  function clean(): void {
    for (const item of [...items]) {
      if (item._wash && !item._wash()) remove([item]);
      item._wash = undefined;
    }
    schedule();
  }

  function remove(gone: readonly Item[]): void {
    items.splice(0, Infinity, ...items.filter((item) => !gone.includes(item)));
    kept._soon();
  }

  /** Events that are tracked one soon after the other leave together. */
  const due = (): void => flush();
  const schedule = (): void => afterwards(due);

  function pump(lane: Lane, force?: boolean, last?: boolean): void {
    const leaves = last || !!config.keepalive;
    let late: Payload | undefined;
    while (last || (!lane._abort && (force || now() >= lane._notBefore))) {
      // The next events of the lane that fit into one request (W30).
      const room = leaves ? KEEPALIVE - leaving : Infinity;
      const batch: Item[] = [];
      const texts: string[] = [];
      let bytes = ENVELOPE;
      let get: string | undefined;
      for (const item of items) {
        if (item.svrAnon !== lane._server || item._flying || item._wash) continue;
        // What an event has already stays.
        if (item._late) Object.assign(item.payload, (late ??= traits()), { ...item.payload });
        item._late = false;
        get = query(t, item.payload);
        const text = get ?? member(item.payload);
        // The time of sending is added later, and a comma before each but the first.
        const size = get?.length ?? byteLength(text) + 26;
        const full = bytes + size > (batch[0] ? Math.min(room, config.maxPostBytes ?? 40_000) : room);
        if (full || batch.length >= lane._most || (batch[0] && get)) break;
        batch.push(item);
        texts.push(text);
        bytes += size;
        if (get) break;
      }
      if (!batch[0]) return;
      hush(depart(lane, batch, get, texts, leaves, leaves ? bytes : 0, last));
    }
  }

  async function depart(
    lane: Lane,
    batch: Item[],
    get: string | undefined,
    texts: string[],
    leaves: boolean,
    bytes: number,
    last?: boolean,
  ): Promise<void> {
    const { onRequestSuccess, onRequestFailure, retryStatusCodes = [], dontRetryStatusCodes = [] } = config;
    const abort = new AbortController();
    if (!last) lane._abort = abort;
    for (const item of batch) {
      item._flying = true;
      item._left = leaves && !lane._failures;
    }
    leaving += bytes;
    const timer = later(() => abort.abort(), config.connectionTimeout ?? 5000);
    const events = batch.map((item) => item.payload);
    let response: Response | undefined;
    let message: unknown;
    try {
      response = await send(t, get, texts, lane._server, leaves, abort.signal);
    } catch (error) {
      message = `${error}`;
    }
    win.clearTimeout(timer);
    leaving -= bytes;
    for (const item of batch) item._flying = item._left = false;
    if (lane._abort === abort) lane._abort = undefined;
    const { ok, status = 0 } = response ?? ({} as Partial<Response>);
    const split = status === 413 && !!batch[1];
    const willRetry =
      split ||
      (config.retryFailedRequests !== false &&
        (retryStatusCodes.includes(status) ||
          ![400, 401, 403, 410, 413, 422, ...dontRetryStatusCodes].includes(status)));
    if (split) lane._most = batch.length / 2;
    else if (!ok && willRetry) {
      const wait = Math.min(1000 * 2 ** lane._failures++, 300_000) * (0.5 + Math.random() / 2);
      lane._notBefore = now() + wait;
      later(flush, wait + 1);
      kept._soon();
    } else {
      if (ok) lane._failures = lane._notBefore = 0;
      remove(batch);
    }
    const why = status ? { status } : { message: message as string };
    if (ok ? onRequestSuccess : onRequestFailure) {
      later(() => (ok ? onRequestSuccess!(events, response!) : onRequestFailure!({ events, willRetry, ...why }, response)));
    }
    pump(lane);
  }

  function flush(force?: boolean, last?: boolean): void {
    if (!settled()) return;
    const service = config.cookieExtensionService || config.idService;
    if (service && !extended && t._level! & IDENTIFIED && items[0]) {
      extended = true;
      void call(service);
    }
    for (const lane of lanes) pump(lane, force, last);
    kept._soon();
  }

  /** Call a URL, and say whether that went well. */
  const call = (url: string, options?: RequestInit): Promise<boolean> =>
    win.fetch(url, options).then(
      ({ ok }) => ok,
      () => false,
    );

  return {
    _add(payload: Payload, _late: unknown, wash?: Wash): void {
      const level = t._level!;
      const item = { payload, svrAnon: !!(level & SERVER), _late, anon: level & ANONYMOUS };
      items.push(item);
      soil(item, wash);
      if (items.length > (config.maxLocalStorageQueueSize ?? 1000)) {
        log.warn("the queue is full");
        remove([items.find((item) => !item._flying)!]);
      }
      if (items.length >= bufferSize) schedule();
      else kept._soon();
    },
    _flush: flush,
    _purge(): number {
      for (const lane of lanes) {
        lane._abort?.abort();
        lane._failures = lane._notBefore = 0;
      }
      kept._forget();
      return items.splice(0).length;
    },
    /** The level has changed; `taken` tells that it takes something away. */
    _level(taken: boolean): void {
      if (taken) demote(true);
      kept._check();
    },
    _count: () => items.length,
    _stored: kept._on,
    _setSize(size: number): void {
      bufferSize = size;
    },
    _clearCollector(told?: (expired: boolean) => void): void {
      const asked = call(`${t._endpoint}/privacy/clear`, { method: "POST", credentials: "include", keepalive: true });
      hush(asked.then(told));
    },
    /** The page is hidden, or gone. */
    _leave(gone: boolean): void {
      clean();
      if (!kept._gone()) flush(true, true);
      kept._leave(gone);
    },
  };
}
