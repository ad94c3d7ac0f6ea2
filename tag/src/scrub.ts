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
import { SESSION } from "./modes";
import type { State } from "./state";
import { base64url, fromBase64url } from "./text";
import type { Payload } from "./types";

type Json = Record<string, unknown>;

/** A URL without credentials. */
export const tidyUrl = (url: string): string => url.replace(/^([a-z][\w+.-]*:)?(\/\/)[^/?#]*@/i, "$1$2");

/** Whether anonymous events of a tracker hold the traits of the device. */
export const hasTraits = (t: State): unknown =>
  t._config.anonymousFields ? t._config.anonymousFields === "full" : t._config.upstreamCompat;

/** A URL as an anonymous event may hold it. */
function scrubUrl(t: State, url: string, query = true): string {
  const [bare, rest = ""] = tidyUrl(url).split("#")[0]!.split(/\?(.*)/s) as [string, string?];
  const pairs = rest.split("&").filter((pair) => {
    const name = pair.split("=")[0]!;
    return query && (/^utm_\w+$/.test(name) || t._config.anonymousUrlParameters?.includes(name));
  });
  return (bare.replace(/;[^/]*/g, "") + (pairs[0] ? "?" + pairs.join("&") : "")).replace(
    /[^/?&=]*(@|%40)[^/?&=]*/gi,
    "",
  );
}

/** Whether an entity or event goes whole. `demoted` here and below: it was tracked at a weaker level. */
function isGone(t: State, value: unknown, demoted?: boolean): boolean {
  const schema = `${(value as Json | null)?.["schema"]}`;
  return (
    IDENTIFYING_ENTITIES.test(schema) ||
    ((demoted || !(t._level! & SESSION)) && SESSION_ENTITIES.test(schema)) ||
    ((demoted || !hasTraits(t)) && /\/browser_context\//.test(schema))
  );
}

function walk(t: State, value: unknown, demoted?: boolean, fields?: Json): unknown {
  const compat = t._config.upstreamCompat;
  if (typeof value === "string") return !compat && /^[a-z][\w+.-]*:\/\//i.test(value) ? scrubUrl(t, value) : value;
  if (Array.isArray(value)) {
    return value.filter((item) => !isGone(t, item, demoted)).map((item) => walk(t, item, demoted));
  }
  if (!value || typeof value !== "object") return value;
  const kept: Json = {};
  for (const [key, member] of Object.entries(value)) {
    const name = key === "data" ? `${(value as Json)["schema"]}`.split("/")[1]! : "";
    if (fields && key in fields) kept[key] = fields[key];
    else if (key === "schema" || (compat && key === "firstEventId")) kept[key] = member;
    else if (!IDENTIFYING_KEYS.test(key.replace(/[\W_]/g, "").toLowerCase())) {
      kept[key] = walk(t, member, demoted, demoted && name === "web_page" ? { id: t._demotedId } : ENTITY_FIELDS[name]);
    }
  }
  return kept;
}

/** JSON without what identifies; undefined where nothing is left, or where it cannot be read. */
const scrubJson = (t: State, text: string, encoded: boolean, demoted?: boolean): string | undefined =>
  attempt(() => {
    const value = JSON.parse(encoded ? fromBase64url(text) : text) as Json;
    const clean = walk(t, value, demoted) as { data: unknown[] };
    if (isGone(t, value["data"], demoted) || clean.data.length === 0) return undefined;
    const written = JSON.stringify(clean);
    return encoded ? base64url(written) : written;
  });

/** The payload that an anonymous event keeps; undefined when nothing worth sending is left. */
export function scrubPayload(t: State, payload: Payload, demoted?: boolean): Payload | undefined {
  const kept: Payload = {};
  const full = !demoted && hasTraits(t);
  for (const key in payload) {
    const text = `${payload[key]}`;
    const allowed =
      ANONYMOUS_PARAMETERS.test(key) || (!demoted && t._level! & SESSION && SESSION_PARAMETERS.test(key));
    if (!allowed || (!full && /^(res|vp|ds|cd|tz|cookie)$/.test(key))) continue;
    let value: unknown = payload[key];
    if (key === "lang" && !full) value = text.split("-")[0];
    if (/^(c[ox]|ue_p[rx])$/.test(key)) value = scrubJson(t, text, /x$/.test(key), demoted);
    else if (!t._config.upstreamCompat && /^(url|refr)$/.test(key)) value = scrubUrl(t, text, key === "url");
    if (value != null) kept[key] = value;
  }
  return kept["e"] === "ue" && !kept["ue_pr"] && !kept["ue_px"] ? undefined : kept;
}
