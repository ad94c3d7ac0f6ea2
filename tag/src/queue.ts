// Events that wait to be sent (R137-R150). Identified and server-anonymous events have a lane each,
// so that neither blocks the other (contract 8), and no request mixes them (R34).

import { attempt, hush, later, log, now, win } from "./env";
import { addTraits } from "./late";
import { keeper } from "./keeper";
import { scrubPayload, type Allowance } from "./scrub";
import type { State } from "./state";
import { byteLength } from "./text";
import { ENVELOPE, goesByGet, KEEPALIVE, query, send } from "./transport";
import type { Payload } from "./types";

export interface Item {
  payload: Payload;
  svrAnon: boolean;
  /** Traits are added when the event leaves. */
  _late?: boolean;
  _anon?: boolean | undefined;
  _flying?: boolean;
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

/** What anonymous events of a tracker may hold now. */
export const allowance = (t: State): Allowance => {
  const { upstreamCompat, anonymousFields, anonymousUrlParameters = [] } = t._config;
  return {
    _session: t._level!._session,
    _full: anonymousFields ? anonymousFields === "full" : !!upstreamCompat,
    _parameters: anonymousUrlParameters,
    _compat: upstreamCompat,
  };
};

export type Queue = ReturnType<typeof makeQueue>;

/** The queue of a tracker. `settled` tells whether anything may be sent now. */
export function makeQueue(t: State, settled: () => boolean) {
  const config = t._config;
  const items: Item[] = [];
  const lanes: Lane[] = [false, true].map((_server) => ({
    _server,
    _failures: 0,
    _notBefore: 0,
    _most: Infinity,
  }));
  let bufferSize = config.bufferSize ?? 1;
  let soon: number | undefined;
  let extended: boolean | undefined;
  /** Bytes of requests that outlive the page, under way now. */
  let leaving = 0;
  const kept = keeper(t, items, () => {
    for (const item of [...items]) if (t._level?._anon && !item._anon) demote(item);
    schedule();
  });

  /** Take the ids out of an event that was tracked at a weaker level (W23). */
  function demote(item: Item): void {
    const may = { ...allowance(t), _session: false, _full: false, _viewId: t._demotedId };
    const clean = scrubPayload(item.payload, may);
    item._anon = true;
    item._late = false;
    item.svrAnon ||= t._level!._server;
    if (clean) item.payload = clean;
    else remove([item]);
  }

  function remove(gone: readonly Item[]): void {
    for (const item of gone) if (items.includes(item)) items.splice(items.indexOf(item), 1);
    kept._soon();
  }

  function schedule(): void {
    soon ??= later(() => {
      soon = undefined;
      flush();
    });
  }

  const sizeOf = (payload: Payload): number =>
    goesByGet(t, payload)
      ? query(t, payload).length
      : // The time of sending is added later, and a comma before each but the first.
        byteLength(JSON.stringify(payload)) + 25;

  /** The next events of a lane that fit into one request (W30), and their size. */
  function take(lane: Lane, room: number): [Item[], number] {
    const batch: Item[] = [];
    let bytes = ENVELOPE;
    for (const item of items) {
      if (item.svrAnon !== lane._server || item._flying) continue;
      if (item._late) addTraits(item.payload);
      item._late = false;
      const size = sizeOf(item.payload);
      const full = bytes + size > (batch[0] ? Math.min(room, config.maxPostBytes ?? 40_000) : room);
      if (full || batch.length >= lane._most || (batch[0] && goesByGet(t, item.payload))) break;
      batch.push(item);
      bytes += size;
      if (goesByGet(t, item.payload)) break;
    }
    return [batch, bytes];
  }

  function pump(lane: Lane, force?: boolean, last?: boolean): void {
    const leaves = last || !!config.keepalive;
    while (last || (!lane._abort && (force || now() >= lane._notBefore))) {
      const [batch, bytes] = take(lane, leaves ? KEEPALIVE - leaving : Infinity);
      if (!batch[0]) return;
      depart(lane, batch, leaves, leaves ? bytes : 0, last);
    }
  }

  function depart(lane: Lane, batch: Item[], leaves: boolean, bytes: number, last?: boolean): void {
    const abort = new AbortController();
    if (!last) lane._abort = abort;
    for (const item of batch) {
      item._flying = true;
      item._left = leaves && !lane._failures;
    }
    leaving += bytes;
    const timer = later(() => abort.abort(), config.connectionTimeout ?? 5000);
    const events = batch.map((item) => item.payload);
    const landed = (response?: Response, error?: unknown): void => {
      win.clearTimeout(timer);
      leaving -= bytes;
      for (const item of batch) item._flying = item._left = false;
      if (lane._abort === abort) lane._abort = undefined;
      arrived(lane, batch, events, response, error);
    };
    send(t, events, lane._server, leaves, abort.signal).then(landed, (error) => landed(undefined, error));
  }

  function arrived(lane: Lane, batch: Item[], events: Payload[], response?: Response, error?: unknown): void {
    const { onRequestSuccess, onRequestFailure, retryStatusCodes = [], dontRetryStatusCodes = [] } = config;
    if (response?.ok) {
      lane._failures = lane._notBefore = 0;
      remove(batch);
      if (onRequestSuccess) later(() => onRequestSuccess(events, response));
    } else {
      const status = response?.status ?? 0;
      const split = status === 413 && !!batch[1];
      const willRetry =
        split ||
        (config.retryFailedRequests !== false &&
          (retryStatusCodes.includes(status) ||
            ![400, 401, 403, 410, 413, 422, ...dontRetryStatusCodes].includes(status)));
      if (split) lane._most = batch.length / 2;
      else if (!willRetry) remove(batch);
      else {
        const wait = Math.min(1000 * 2 ** lane._failures++, 300_000) * (0.5 + Math.random() / 2);
        lane._notBefore = now() + wait;
        later(flush, wait + 1);
        kept._soon();
      }
      if (onRequestFailure) {
        const why = status ? { status } : { message: `${error}` };
        later(() => onRequestFailure({ events, willRetry, ...why }, response));
      }
    }
    pump(lane);
  }

  function flush(force?: boolean, last?: boolean): void {
    if (!settled()) return;
    const service = config.cookieExtensionService || config.idService;
    if (service && !extended && !t._level!._anon && items[0]) {
      extended = true;
      call(service);
    }
    for (const lane of lanes) pump(lane, force, last);
  }

  /** Call a URL, whatever comes of it. */
  const call = (url: string, options?: RequestInit): void => {
    attempt(() => hush(win.fetch(url, options)));
  };

  return {
    _add(payload: Payload, late: boolean): void {
      const { _anon, _server } = t._level!;
      items.push({ payload, svrAnon: _server, _late: late, _anon });
      const oldest = items.find((item) => !item._flying)!;
      if (items.length > (config.maxLocalStorageQueueSize ?? 1000)) {
        log.warn("the queue is full");
        remove([oldest]);
      }
      kept._soon();
      if (items.length >= bufferSize) schedule();
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
      if (taken) [...items].forEach(demote);
      kept._check();
    },
    _count: () => items.length,
    _stored: kept._on,
    _setSize(size: number): void {
      bufferSize = size;
    },
    _clearCollector(): void {
      call(`${t._endpoint}/privacy/clear`, { method: "POST", credentials: "include", keepalive: true });
    },
    /** The page is hidden, or gone. */
    _leave(gone: boolean): void {
      if (!kept._gone()) flush(true, true);
      kept._leave(gone);
    },
  };
}
