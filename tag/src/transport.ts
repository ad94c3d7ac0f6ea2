// One request to the collector (R131-R136; W10, W32; contract 8).

import { now, win } from "./env";
import { ANONYMOUS } from "./modes";
import { VENDOR } from "./payload";
import type { State } from "./state";
import type { Payload } from "./types";

/** Bytes around the events of a POST body (R138). */
export const ENVELOPE = 88;
/** What browsers let outlive a page is 64 KiB for all requests together. */
export const KEEPALIVE = 60_000;

/** The query that an event has in a GET request (R131); none for what goes by POST. */
export function query(t: State, payload: Payload): string | undefined {
  const { useStm, maxGetBytes = Infinity } = t._config;
  if (!t._get) return undefined;
  const all = { ...(useStm !== false && { stm: now() }), ...payload };
  const text = `${new URLSearchParams(all as Record<string, string>)}`;
  return text.length < maxGetBytes ? text : undefined;
}

/** An event as it stands in a POST body, where every value is text (R132); without its last brace. */
export const member = (payload: Payload): string =>
  JSON.stringify(payload, (_, value: unknown) => (typeof value === "object" ? value : value?.toString())).slice(0, -1);

/**
 * Send a query, or events as `member` writes them. `server` asks for server anonymity, `keepalive`
 * for a request that outlives the page.
 */
export async function send(
  t: State,
  get: string | undefined,
  events: readonly string[],
  server: boolean,
  keepalive: boolean,
  signal: AbortSignal,
): Promise<Response> {
  const { whiteoutCollector, credentials = "include", customHeaders, customFetch } = t._config;
  const { postPath = "/com.snowplowanalytics.snowplow/tp2" } = t._config;
  const path = server && whiteoutCollector ? "/anonymous" : "";
  const url = t._endpoint + path + (get ? `/i?${get}` : postPath);
  const stm = now();
  const members = events.map((event) => `${event},"stm":"${stm}"}`);
  const init: RequestInit = {
    method: get ? "GET" : "POST",
    headers: {
      // A request under /anonymous/ is plain text, which needs no preflight.
      ...(!get && { "Content-Type": path ? "text/plain" : "application/json; charset=UTF-8" }),
      ...(server ? !path && { "SP-Anonymous": "*" } : customHeaders),
    },
    body: get ? null : `{"schema":"iglu:${VENDOR}/payload_data/jsonschema/1-0-4","data":[${members}]}`,
    credentials: server ? "omit" : credentials,
    referrerPolicy: server ? "no-referrer" : t._level! & ANONYMOUS ? "origin" : "",
    keepalive,
    signal,
  };
  const response = await (customFetch ? customFetch(new Request(url, init)) : win.fetch(url, init));
  await response.text();
  return response;
}
