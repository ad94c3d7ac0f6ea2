// The events of the try-it page: those of the tag, and two requests that no tag would make.

import type { Column, Mode } from "./model";
import { isObject } from "./model";

export type Mischief = "smuggled" | "broken";
export type Kind = Mode | Mischief;

const PATH = "/com.snowplowanalytics.snowplow/tp2";
const ENVELOPE = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";
const CONTEXTS = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0";
const WEB_PAGE = "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0";
const UNSTRUCT = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0";

export const APP = "try-it";
export const USER = "demo-visitor";
export const TITLE = "Red shoes";

/** The address that the made-up shop page has, with things in it that no event should keep. */
export const PAGE_URL =
  "https://shop.example/shoes/red?utm_campaign=spring&email=ada%40example.com#reviews";
export const REFERRER = "https://search.example/results?q=shoes+for+flat+feet";

/** The payload parameter that carries an identifier. */
export const PARAMETER: Record<Column, string> = {
  user_id: "uid",
  domain_userid: "duid",
  domain_sessionid: "sid",
  domain_sessionidx: "vid",
  network_userid: "nuid",
  user_ipaddress: "ip",
};

/** A request as it left the page, with the event in it that somebody waits for. */
export interface Attempt {
  eventId: string;
  path: string;
  headers: [string, string][];
  credentials: string;
  event: Record<string, string>;
  body: unknown;
}

/** A random UUID, also on a page that came by plain http from another machine. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A request that somebody might make to get something past the collector. */
export function mischievous(kind: Mischief): Attempt {
  const now = String(Date.now());
  const eventId = newId();
  const event: Record<string, string> = {
    e: kind === "broken" ? "ue" : "pv",
    url: PAGE_URL,
    page: TITLE,
    refr: REFERRER,
    eid: eventId,
    tv: "whiteout-try",
    tna: "try",
    aid: APP,
    p: "web",
    lang: navigator.language,
    dtm: now,
    co: JSON.stringify({ schema: CONTEXTS, data: [{ schema: WEB_PAGE, data: { id: newId() } }] }),
    stm: now,
  };
  const headers: [string, string][] = [["Content-Type", "application/json; charset=UTF-8"]];
  if (kind === "broken") {
    event["ue_pr"] = `{"schema":"${UNSTRUCT}","data":{"schema":`;
  } else {
    const made = { sid: newId(), vid: "1", duid: newId(), uid: USER, nuid: newId(), ip: "198.51.100.7" };
    Object.assign(event, made);
    headers.push(["SP-Anonymous", "*"]);
  }
  const body = { schema: ENVELOPE, data: [event] };
  return { eventId, path: PATH, headers, credentials: "same-origin", event, body };
}

/** The request of a mischievous attempt. */
export function requestOf({ path, headers, credentials, body }: Attempt): Request {
  return new Request(path, {
    method: "POST",
    headers,
    credentials: credentials as RequestCredentials,
    body: JSON.stringify(body),
  });
}

/** What a tracker's request says of the event with this id; null when the event is not in it. */
export function attemptOf(request: Request, text: string, eventId: string): Attempt | null {
  const body: unknown = JSON.parse(text);
  const data = isObject(body) && Array.isArray(body["data"]) ? body["data"] : [];
  const event: unknown = data.find((one: unknown) => isObject(one) && one["eid"] === eventId);
  if (!isObject(event)) return null;
  return {
    eventId,
    path: new URL(request.url).pathname,
    headers: [...request.headers],
    credentials: request.credentials,
    event: event as Record<string, string>,
    body,
  };
}
