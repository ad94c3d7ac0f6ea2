// The way of an event, from the call to the queue (R108-R112; W2, W5, W13), and `tracker.core`.

import { attempt, doc, nav, now, uuid, VERSION } from "./env";
import { documentSize, resolution, viewport } from "./late";
import { ANONYMOUS, modeOf } from "./modes";
import { pageUrls, viewNow } from "./page";
import { entity, jsonProcessor } from "./payload";
import { ask } from "./plugins";
import { settle } from "./privacy";
import { hasTraits, scrubPayload } from "./scrub";
import { count, sessionEntity, tell } from "./session";
import type { State } from "./state";
import type { Payload, PayloadBuilder, SelfDescribingJson, Timestamp, TrackerCore } from "./types";

const browserEntity = (tabId: string | null): SelfDescribingJson =>
  entity(
    "browser_context",
    {
      viewport: viewport(),
      documentSize: documentSize(),
      resolution: resolution(),
      colorDepth: screen.colorDepth,
      devicePixelRatio,
      cookiesEnabled: nav.cookieEnabled,
      online: nav.onLine,
      browserLanguage: nav.language,
      documentLanguage: doc.documentElement.lang,
      webdriver: nav.webdriver,
      deviceMemory: nav["deviceMemory"],
      hardwareConcurrency: nav.hardwareConcurrency,
      tabId,
    },
    "2-0-0",
  );

/** Track an event; undefined when it is not. */
function track(
  t: State,
  builder: PayloadBuilder,
  context?: SelfDescribingJson[] | null,
  timestamp?: Timestamp | null,
): Payload | undefined {
  // Before anything else: nothing is read, asked or told while events are dropped.
  if (t._dead || !settle(t)) return undefined;
  const { contexts, appId, appVersion: version, platform = "web", whiteoutCollector } = t._config;
  const level = t._level!;
  const anonymous = level & ANONYMOUS;
  const full = !anonymous || hasTraits(t);
  const eid = uuid();
  const { type, value } = (typeof timestamp === "object" && timestamp) || { value: timestamp };
  const at = (value as number | undefined) ?? t._then?._at ?? now();
  builder.withJsonProcessor(jsonProcessor(t._base64));
  builder.addDict({
    eid,
    tv: VERSION,
    tna: t._namespace,
    aid: appId,
    p: platform,
    cs: doc.characterSet,
    lang: nav.language,
    ...t._pairs,
    [type === "ttm" ? type : "dtm"]: `${at}`,
    ...pageUrls(t),
  });
  const foreign = [
    ...(context ?? []),
    ...ask(t, (plugin) => plugin.contexts?.()).flat(),
    ...(t._globals?._for(builder) ?? []),
  ];
  // What comes from nowhere else needs no cleaning.
  const own = !foreign[0] && !t._plugins[0] && !builder.getJson()[0] && !Object.keys(t._pairs)[0];
  const data = [
    ...foreign,
    contexts?.webPage !== false && entity("web_page", { id: viewNow(t)._id }),
    contexts?.browser && full && browserEntity(t._tracker.getTabId()),
    version && entity("application", { version }),
    whiteoutCollector && {
      schema: "iglu:io.whiteout/privacy_state/jsonschema/1-0-0",
      data: { mode: modeOf(level), signal: t._signal ?? null },
    },
  ];
  if (t._tuple) {
    const [, duid, , vid, , , sid] = count(t, eid, at);
    builder.addDict({ vid, sid, ...(!anonymous && { duid, uid: t._userId }) });
    data.push(sessionEntity(t));
  }
  const entities = data.filter(Boolean);
  if (entities[0]) builder.addJson("cx", "co", { data: entities });
  ask(t, (plugin) => plugin.beforeTrack?.(builder));
  const built = builder.build();
  const [payload, wash] = anonymous ? scrubPayload(t, built, own) : [built];
  // A plugin may have changed the level.
  if (!payload || t._level !== level) return undefined;
  if (ask(t, (plugin) => plugin.filter?.(payload)).includes(false)) return undefined;
  tell(t);
  t._queue._add(payload, full, wash);
  ask(t, (plugin) => plugin.afterTrack?.(payload));
  return payload;
}

/** `tracker.core`. What it sets by hand meets the same scrub as everything else (W5). */
export function makeCore(t: State, both: Pick<TrackerCore, "addPlugin">): TrackerCore {
  const setter =
    (key: string) =>
    (...value: unknown[]): void => {
      t._pairs[key] = value.join("x");
    };
  return {
    // On any doubt, the event is dropped rather than sent (W13).
    track: (...event) => attempt(() => track(t, ...event), "track"),
    addPayloadPair(key, value) {
      t._pairs[key] = value;
    },
    addPayloadDict(dict) {
      Object.assign(t._pairs, dict);
    },
    resetPayloadPairs(dict) {
      t._pairs = { ...dict };
    },
    getBase64Encoding: () => t._base64,
    setBase64Encoding(encode) {
      t._base64 = encode;
    },
    setTrackerVersion: setter("tv"),
    setTrackerNamespace: setter("tna"),
    setAppId: setter("aid"),
    setPlatform: setter("p"),
    setUserId: setter("uid"),
    setScreenResolution: setter("res"),
    setViewport: setter("vp"),
    setColorDepth: setter("cd"),
    setTimezone: setter("tz"),
    setLang: setter("lang"),
    setIpAddress: setter("ip"),
    setUseragent: setter("ua"),
    ...both,
    deactivate() {
      t._dead = true;
      ask(t, (plugin) => plugin.deactivatePlugin?.(t._tracker.core));
    },
  } as TrackerCore;
}
