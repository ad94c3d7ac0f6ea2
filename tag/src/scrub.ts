// The last step before an event is kept: an allow-list for what anonymous events hold (W5, W11,
// W19, W24; contracts 2 and 13).

import { lazily } from "./env";
import { ANONYMOUS_PARAMETERS, SESSION_PARAMETERS } from "./generated/identifiers";
import { SESSION } from "./modes";
import { cleanJson } from "./plugins/anonymous";
import type { State } from "./state";
import type { Payload } from "./types";

/** Puts the clean JSON into the payload that waits for it; whether it is worth sending then. */
export type Wash = () => unknown;

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

let clean: typeof cleanJson | undefined = __SCRIPT__ ? undefined : cleanJson;
let loading: Promise<unknown> | undefined;

/** Wait for what cleans JSON; where it does not load, JSON is left out. */
export const cleaner = (): Promise<unknown> =>
  __SCRIPT__
    ? (loading ??= lazily<{ cleanJson: typeof cleanJson }>("anonymous").then(
        (found) => {
          clean = found.cleanJson;
        },
        () => undefined,
      ))
    : Promise.resolve();

/**
 * The payload that an anonymous event keeps, none when nothing worth sending is left; and what
 * adds its JSON, where that must be cleaned later.
 *
 * `own` tells that all JSON was built here, `demoted` that the event was tracked at a weaker level.
 */
export function scrubPayload(t: State, payload: Payload, own?: boolean, demoted?: boolean): [Payload | undefined, Wash?] {
  const kept: Payload = {};
  const json: Array<[string, string]> = [];
  const { upstreamCompat } = t._config;
  const full = !demoted && hasTraits(t);
  const session = !demoted && t._level! & SESSION;
  const view = demoted ? t._demotedId : undefined;
  for (const key in payload) {
    const value = payload[key];
    const text = `${value}`;
    if (!ANONYMOUS_PARAMETERS.test(key) && !(session && SESSION_PARAMETERS.test(key))) continue;
    if (!full && /^(res|vp|ds|cd|tz|cookie)$/.test(key)) continue;
    if (!own && /^(c[ox]|ue_p[rx])$/.test(key)) json.push([key, text]);
    else if (key === "lang" && !full) kept[key] = text.split("-")[0];
    else kept[key] = !upstreamCompat && /^(url|refr)$/.test(key) ? scrubUrl(t, text, key === "url") : value;
  }
  const wash = (): unknown => {
    for (const [key, text] of json) {
      const found = clean?.(text, /x$/.test(key), session, full, !upstreamCompat && ((url) => scrubUrl(t, url)), view);
      if (found) kept[key] = found;
    }
    return kept["e"] !== "ue" || kept["ue_pr"] || kept["ue_px"];
  };
  return json[0] && !clean ? [kept, wash] : [wash() ? kept : undefined];
}
