// The requests that the try-it page can make: one for each mode, and two that should not be.

import type { Column, Mode } from "./model";

export type Kind = Mode | "smuggled" | "broken";

export const PATH = "/com.snowplowanalytics.snowplow/tp2";
const ENVELOPE = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";
const CONTEXTS = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0";
const WEB_PAGE = "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0";
const UNSTRUCT = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0";

export const APP = "try-it";

/** The address that the made-up shop page has, with things in it that no event should keep. */
export const URL_SENT =
  "https://shop.example/shoes/red?utm_campaign=spring&email=ada%40example.com#reviews";
export const REFERRER_SENT = "https://search.example/results?q=shoes+for+flat+feet";

/** The payload parameter that carries an identifier. */
export const PARAMETER: Record<Column, string> = {
  user_id: "uid",
  domain_userid: "duid",
  domain_sessionid: "sid",
  domain_sessionidx: "vid",
  network_userid: "nuid",
  user_ipaddress: "ip",
};

/** A visitor made up for this page view; kept in memory only. */
export interface Visitor {
  user: string;
  browser: string;
  session: string;
}

export function newVisitor(): Visitor {
  return { user: "demo-visitor", browser: newId(), session: newId() };
}

export interface Attempt {
  kind: Kind;
  eventId: string;
  headers: Record<string, string>;
  credentials: "same-origin" | "omit";
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

function identifiers(kind: Kind, visitor: Visitor): Record<string, string> {
  const session = { sid: visitor.session, vid: "1" };
  const user = { duid: visitor.browser, uid: visitor.user };
  switch (kind) {
    case "identified":
      return { ...session, ...user };
    case "anonymous_session":
    case "server_anonymous_session":
      return session;
    case "smuggled":
      return { ...session, ...user, nuid: newId(), ip: "198.51.100.7" };
    default:
      return {};
  }
}

export function newAttempt(kind: Kind, visitor: Visitor): Attempt {
  const server = kind.startsWith("server_anonymous") || kind === "smuggled";
  const eventId = newId();
  const now = String(Date.now());
  const page = { schema: CONTEXTS, data: [{ schema: WEB_PAGE, data: { id: newId() } }] };
  const broken = kind === "broken";
  const event: Record<string, string> = {
    e: broken ? "ue" : "pv",
    url: URL_SENT,
    page: "Red shoes",
    refr: REFERRER_SENT,
    eid: eventId,
    tv: "whiteout-try",
    tna: "try",
    aid: APP,
    p: "web",
    lang: navigator.language,
    res: `${screen.width}x${screen.height}`,
    vp: `${innerWidth}x${innerHeight}`,
    tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
    dtm: now,
    co: JSON.stringify(page),
    ...identifiers(kind, visitor),
    stm: now,
  };
  if (broken) event["ue_pr"] = `{"schema":"${UNSTRUCT}","data":{"schema":`;
  return {
    kind,
    eventId,
    headers: {
      "Content-Type": "application/json; charset=UTF-8",
      ...(server ? { "SP-Anonymous": "*" } : {}),
    },
    // Whoever sends identifiers anyway sends the cookie too.
    credentials: server && kind !== "smuggled" ? "omit" : "same-origin",
    event,
    body: { schema: ENVELOPE, data: [event] },
  };
}
