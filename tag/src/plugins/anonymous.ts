// JSON from outside as an anonymous event may hold it (W5, W11, W19, W24; contracts 2 and 13). The
// script loads this when an anonymous event first has any; what it builds itself is clean.

import {
  ENTITY_FIELDS,
  IDENTIFYING_ENTITIES,
  IDENTIFYING_KEYS,
  SESSION_ENTITIES,
} from "../generated/identifiers";
import { base64url, fromBase64url } from "../text";

type Json = Record<string, unknown>;

/**
 * JSON without what identifies; undefined where nothing is left, or where it cannot be read.
 *
 * `session` and `traits` tell what the event may hold; `scrubUrl` takes the identifiers out of a
 * URL, undefined where URLs stay as they are; `view` is the page view id that takes the place of
 * the event's own.
 */
export function cleanJson(
  text: string,
  encoded: boolean,
  session: unknown,
  traits: unknown,
  scrubUrl?: false | ((url: string) => string),
  view?: string,
): string | undefined {
  /** Whether an entity or event goes whole. */
  const isGone = (value: unknown): boolean => {
    const schema = `${(value as Json | null)?.["schema"]}`;
    return (
      IDENTIFYING_ENTITIES.test(schema) ||
      (!session && SESSION_ENTITIES.test(schema)) ||
      (!traits && /\/browser_context\//.test(schema))
    );
  };

  const walk = (value: unknown, fields?: Json): unknown => {
    if (typeof value === "string") return scrubUrl && /^[a-z][\w+.-]*:\/\//i.test(value) ? scrubUrl(value) : value;
    if (Array.isArray(value)) return value.filter((item) => !isGone(item)).map((item) => walk(item));
    if (!value || typeof value !== "object") return value;
    const kept: Json = {};
    for (const [key, member] of Object.entries(value)) {
      const name = key === "data" ? `${(value as Json)["schema"]}`.split("/")[1]! : "";
      if (fields && key in fields) kept[key] = fields[key];
      else if (key === "schema" || (!scrubUrl && key === "firstEventId")) kept[key] = member;
      else if (!IDENTIFYING_KEYS.test(key.replace(/[\W_]/g, "").toLowerCase())) {
        kept[key] = walk(member, view && name === "web_page" ? { id: view } : ENTITY_FIELDS[name]);
      }
    }
    return kept;
  };

  try {
    const value = JSON.parse(encoded ? fromBase64url(text) : text) as Json;
    const clean = walk(value) as { data: unknown[] };
    if (isGone(value["data"]) || clean.data.length === 0) return undefined;
    const written = JSON.stringify(clean);
    return encoded ? base64url(written) : written;
  } catch {
    return undefined;
  }
}
