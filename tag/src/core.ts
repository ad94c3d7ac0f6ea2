// The way of an event, from the call to the queue (R108-R112; W2, W5, W13), and `tracker.core`.

import { doc, guarded, log, nav, now, uuid, VERSION } from "./env";
import type { globalContexts } from "./globals";
import { documentSize, resolution, viewport } from "./late";
import { modeOf } from "./modes";
import { pageUrls, viewId } from "./page";
import { entity, jsonProcessor } from "./payload";
import { settle, tellPlugins } from "./privacy";
import { allowance } from "./queue";
import { scrubPayload } from "./scrub";
import { count, hasIds, sessionEntity, tell } from "./session";
import type { State } from "./state";
import type { BrowserPlugin, Payload, PayloadBuilder, SelfDescribingJson, Timestamp, TrackerCore } from "./types";

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

function builtIn(t: State, full: boolean): SelfDescribingJson[] {
  const { contexts, appVersion: version, whiteoutCollector } = t._config;
  const data = { mode: modeOf(t._level!), signal: t._signal };
  const found = [
    contexts?.webPage !== false && entity("web_page", { id: viewId(t) }),
    contexts?.browser && full && browserEntity(t._tracker.getTabId()),
    version && entity("application", { version }),
    whiteoutCollector && { schema: "iglu:io.whiteout/privacy_state/jsonschema/1-0-0", data },
  ];
  return found.filter(Boolean) as SelfDescribingJson[];
}

/** Track an event; undefined when it is not. */
function track(
  t: State,
  builder: PayloadBuilder,
  context?: SelfDescribingJson[] | null,
  timestamp?: Timestamp | null,
): Payload | undefined {
  // Before anything else: nothing is read, asked or told while events are dropped.
  if (t._dead || !settle(t)) return undefined;
  const level = t._level!;
  const may = allowance(t);
  const full = !level._anon || !!may._full;
  const eid = uuid();
  const at = typeof timestamp === "number" ? timestamp : (timestamp?.value ?? now());
  const kind = (timestamp as { type?: string } | undefined)?.type === "ttm" ? "ttm" : "dtm";
  builder.withJsonProcessor(jsonProcessor(t._base64));
  builder.addDict({
    eid,
    tv: VERSION,
    tna: t._namespace,
    aid: t._config.appId,
    p: t._config.platform ?? "web",
    cs: doc.characterSet,
    lang: nav.language,
    ...t._pairs,
    [kind]: `${at}`,
    ...pageUrls(t),
  });
  const data = [...(context ?? []), ...builtIn(t, full)];
  const plugins = <T>(action: (plugin: BrowserPlugin) => T): Array<T | undefined> =>
    t._plugins.map((plugin) => guarded(() => action(plugin), "plugin"));
  for (const found of plugins((plugin) => plugin.contexts?.())) data.push(...(found ?? []));
  data.push(...(t._globals?._for(builder) ?? []));
  if (hasIds(t)) {
    const [, duid, , vid, , , sid] = count(t, eid, at);
    builder.addDict({ vid, sid, ...(level._anon ? {} : { duid, uid: t._userId }) });
    data.push(...([sessionEntity(t)].filter(Boolean) as SelfDescribingJson[]));
  }
  if (data[0]) builder.addJson("cx", "co", { data });
  plugins((plugin) => plugin.beforeTrack?.(builder));
  const built = builder.build();
  const payload = level._anon ? scrubPayload(built, may) : built;
  // A plugin may have changed the level.
  if (!payload || t._level !== level) return undefined;
  if (t._plugins.some((plugin) => guarded(() => plugin.filter?.(payload), "plugin") === false)) return undefined;
  tell(t);
  t._queue._add(payload, full);
  plugins((plugin) => plugin.afterTrack?.(payload));
  return payload;
}

/** Add a plugin and tell it what it needs to know (R157, W19). */
export function addPlugin(t: State, plugin: BrowserPlugin): void {
  t._plugins.push(plugin);
  guarded(() => {
    plugin.logger?.(log);
    plugin.activateCorePlugin?.(t._tracker.core);
    plugin.activateBrowserPlugin?.(t._tracker);
  }, "plugin");
  tellPlugins(t, [plugin]);
}

/** `tracker.core`. What it sets by hand meets the same scrub as everything else (W5). */
export function makeCore(t: State, globals?: ReturnType<typeof globalContexts>): TrackerCore {
  const setter =
    (key: string) =>
    (...value: unknown[]): void => {
      t._pairs[key] = value.join("x");
    };
  return {
    // On any doubt, the event is dropped rather than sent (W13).
    track: (...event) => guarded(() => track(t, ...event), "track"),
    addPayloadPair(key, value) {
      t._pairs[key] = value;
    },
    addPayloadDict: (dict) => void Object.assign(t._pairs, dict),
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
    addGlobalContexts: (contexts) => globals?._add(contexts),
    removeGlobalContexts: (contexts) => globals?._remove(contexts),
    clearGlobalContexts: () => globals?._clear(),
    addPlugin: ({ plugin }) => addPlugin(t, plugin),
    deactivate() {
      t._dead = true;
      for (const plugin of t._plugins) guarded(() => plugin.deactivatePlugin?.(t._tracker.core), "plugin");
    },
  };
}
