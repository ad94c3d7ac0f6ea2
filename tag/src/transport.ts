// One request to the collector (R131-R136; W10, W32; contract 8).

import { now, win } from "./env";
import { schemaOf } from "./payload";
import type { State } from "./state";
import type { Payload } from "./types";

/** Bytes around the events of a POST body (R138). */
export const ENVELOPE = 88;
/** What browsers let outlive a page is 64 KiB for all requests together. */
export const KEEPALIVE = 60_000;

/** The query of a GET request for one event (R131). */
export function query(t: State, payload: Payload): string {
  const stm = t._config.useStm === false ? {} : { stm: now() };
  return Object.entries({ ...stm, ...payload })
    .map(([key, value]) => `${key}=${encodeURIComponent(`${value}`)}`)
    .join("&");
}

/** Whether an event goes by GET; what is too large for that goes by POST. */
export const goesByGet = (t: State, payload: Payload): boolean =>
  t._get && query(t, payload).length < (t._config.maxGetBytes ?? Infinity);

/** A body with these events; every value is text (R132). */
const body = (events: readonly Payload[]): string => {
  const stm = now();
  const text = (_: string, value: unknown): unknown =>
    typeof value === "number" || typeof value === "boolean" ? `${value}` : value;
  return JSON.stringify(
    { schema: schemaOf("payload_data", "1-0-4"), data: events.map((event) => ({ ...event, stm })) },
    text,
  );
};

/** Send events. `server` asks for server anonymity, `leaves` for a request that outlives the page. */
export async function send(
  t: State,
  events: readonly Payload[],
  server: boolean,
  leaves: boolean,
  signal: AbortSignal,
): Promise<Response> {
  const { whiteoutCollector, credentials = "include", customHeaders, customFetch } = t._config;
  const { postPath = "/com.snowplowanalytics.snowplow/tp2" } = t._config;
  const get = !events[1] && goesByGet(t, events[0]!);
  const path = server && whiteoutCollector ? "/anonymous" : "";
  const headers = new Headers(server ? {} : customHeaders);
  // A request under /anonymous/ is plain text, which needs no preflight.
  if (!get) headers.set("Content-Type", path ? "text/plain" : "application/json; charset=UTF-8");
  if (server && !path) headers.set("SP-Anonymous", "*");
  const request = new Request(t._endpoint + path + (get ? `/i?${query(t, events[0]!)}` : postPath), {
    method: get ? "GET" : "POST",
    headers,
    body: get ? null : body(events),
    credentials: server ? "omit" : credentials,
    referrerPolicy: server ? "no-referrer" : t._level?._anon ? "origin" : "",
    keepalive: leaves,
    signal,
  });
  const response = await (customFetch ?? win.fetch.bind(win))(request);
  await response.text();
  return response;
}
