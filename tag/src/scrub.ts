// The last step before an event is kept: an allow-list for what anonymous events hold (W5, W11,
// W19, W24; contracts 2 and 13).

import { attempt } from "./env";
import {
  ANONYMOUS_PARAMETERS,
  ENTITY_FIELDS,
  IDENTIFYING_ENTITIES,
  IDENTIFYING_KEYS,
  SESSION_ENTITIES,
  SESSION_PARAMETERS,
} from "./generated/identifiers";
import { base64url, fromBase64url } from "./text";
import type { Payload } from "./types";

/** What an anonymous event may hold besides what every one may. */
export interface Allowance {
  readonly _session?: boolean;
  /** Traits of the device. */
  readonly _full?: boolean;
  /** URL parameters besides `utm_*`. */
  readonly _parameters: readonly string[];
  /** The wire of the official tracker: URLs and first-event references stay. */
  readonly _compat: boolean | undefined;
  /** Another page view id, for an event that was tracked before the level changed. */
  readonly _viewId?: string | undefined;
}

type Json = Record<string, unknown>;

/** A URL without credentials. */
export const tidyUrl = (url: string): string => url.replace(/^([a-z][\w+.-]*:)?(\/\/)[^/?#]*@/i, "$1$2");

/** A URL as an anonymous event may hold it. */
function scrubUrl(url: string, keep: readonly string[], query = true): string {
  const [bare, rest = ""] = tidyUrl(url).split("#")[0]!.split(/\?(.*)/s) as [string, string?];
  const pairs = rest.split("&").filter((pair) => {
    const name = pair.split("=")[0]!;
    return query && (/^utm_\w+$/.test(name) || keep.includes(name));
  });
  return [bare.replace(/;[^/]*/g, ""), ...(pairs[0] ? [pairs.join("&")] : [])]
    .join("?")
    .replace(/[^/?&=]*(@|%40)[^/?&=]*/gi, "");
}

function isGone(value: unknown, may: Allowance): boolean {
  const schema = `${(value as Json | null)?.["schema"]}`;
  return (
    IDENTIFYING_ENTITIES.test(schema) ||
    (!may._session && SESSION_ENTITIES.test(schema)) ||
    (!may._full && /\/browser_context\//.test(schema))
  );
}

function walk(value: unknown, may: Allowance, fields?: Json): unknown {
  if (typeof value === "string") {
    return !may._compat && /^[a-z][\w+.-]*:\/\//i.test(value) ? scrubUrl(value, may._parameters) : value;
  }
  if (Array.isArray(value)) return value.filter((item) => !isGone(item, may)).map((item) => walk(item, may));
  if (!value || typeof value !== "object") return value;
  const kept: Json = {};
  const { schema } = value as Json;
  for (const [key, member] of Object.entries(value)) {
    const name = typeof schema === "string" && key === "data" ? schema.split("/")[1]! : "";
    const id = may._viewId;
    if (fields && key in fields) kept[key] = fields[key];
    else if (key === "schema" || (may._compat && key === "firstEventId")) kept[key] = member;
    else if (!IDENTIFYING_KEYS.test(key.replace(/[\W_]/g, "").toLowerCase())) {
      kept[key] = walk(member, may, id && name === "web_page" ? { id } : ENTITY_FIELDS[name]);
    }
  }
  return kept;
}

/** JSON without what identifies; undefined where nothing is left, or where it cannot be read. */
const scrubJson = (text: string, encoded: boolean, may: Allowance): string | undefined =>
  attempt(() => {
    const value = JSON.parse(encoded ? fromBase64url(text) : text) as Json;
    const clean = walk(value, may) as { data: unknown[] };
    if (isGone(value["data"], may) || clean.data.length === 0) return undefined;
    const written = JSON.stringify(clean);
    return encoded ? base64url(written) : written;
  });

/** The payload that an anonymous event keeps; undefined when nothing worth sending is left. */
export function scrubPayload(payload: Payload, may: Allowance): Payload | undefined {
  const kept: Payload = {};
  for (const key in payload) {
    const text = `${payload[key]}`;
    let value: unknown = payload[key];
    if (!ANONYMOUS_PARAMETERS.test(key) && !(may._session && SESSION_PARAMETERS.test(key))) continue;
    if (!may._full) {
      if (/^(res|vp|ds|cd|tz|cookie)$/.test(key)) continue;
      if (key === "lang") value = text.split("-")[0];
    }
    if (/^(c[ox]|ue_p[rx])$/.test(key)) value = scrubJson(text, /x$/.test(key), may);
    else if (!may._compat && /^(url|refr)$/.test(key)) value = scrubUrl(text, may._parameters, key === "url");
    if (value != null) kept[key] = value;
  }
  return payload["e"] === "ue" && !kept["ue_pr"] && !kept["ue_px"] ? undefined : kept;
}
