// One request to the collector (R131-R136; W10, W32; contract 8).

import { now, win } from "./env";
import { ANONYMOUS } from "./modes";
import { entity } from "./payload";
import type { State } from "./state";
import type { Payload } from "./types";

/** Bytes around the events of a POST body (R138). */
export const ENVELOPE = 88;
/** What browsers let outlive a page is 64 KiB for all requests together. */
export const KEEPALIVE = 60_000;

/** The query that an event has in a GET request (R131); none for what goes by POST. */
export function query(t: State, payload: Payload): string | undefined {
  const { useStm, maxGetBytes = Infinity } = t._config;
  const all = { ...(useStm !== false && { stm: now() }), ...payload };
  const text = `${new URLSearchParams(all as Record<string, string>)}`;
  return t._get && text.length < maxGetBytes ? text : undefined;
}

/** Send events. `server` asks for server anonymity, `leaves` for a request that outlives the page. */
export async function send(
  t: State,
  events: readonly Payload[],
  server: boolean,
  keepalive: boolean,
  signal: AbortSignal,
): Promise<Response> {
  const { whiteoutCollector, credentials = "include", customHeaders, customFetch = win.fetch } = t._config;
  const { postPath = "/com.snowplowanalytics.snowplow/tp2" } = t._config;
  const get = events[1] ? undefined : query(t, events[0]!);
  const path = server && whiteoutCollector ? "/anonymous" : "";
  const stm = now();
  const body = entity("payload_data", events.map((event) => ({ ...event, stm })), "1-0-4");
  // Every value is text (R132).
  const text = (_: string, value: unknown): unknown => (/^[nb]/.test(typeof value) ? `${value}` : value);
  const request = new Request(t._endpoint + path + (get ? `/i?${get}` : postPath), {
    method: get ? "GET" : "POST",
    headers: {
      // A request under /anonymous/ is plain text, which needs no preflight.
      ...(!get && { "Content-Type": path ? "text/plain" : "application/json; charset=UTF-8" }),
      ...(server ? !path && { "SP-Anonymous": "*" } : customHeaders),
    },
    body: get ? null : JSON.stringify(body, text),
    credentials: server ? "omit" : credentials,
    referrerPolicy: server ? "no-referrer" : t._level! & ANONYMOUS ? "origin" : "",
    keepalive,
    signal,
  });
  const response = await customFetch.call(win, request);
  await response.text();
  return response;
}
