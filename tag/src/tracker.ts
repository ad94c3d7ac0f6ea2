// One tracker: its state, its parts, and its methods (5.1).

import { makeCore } from "./core";
import { attempt, doc, inBrowser, listen, log, now, uuid, win } from "./env";
import { followers } from "./follow";
import { globalContexts } from "./globals";
import { IDENTIFIED, resolve } from "./modes";
import { look, parameter, resolveUrl, shared, viewNow, viewPage, viewTitle } from "./page";
import { payloadBuilder, selfDescribing } from "./payload";
import { addPlugin } from "./plugins";
import { clear, disable, enable, privacyState, settle } from "./privacy";
import { makeQueue } from "./queue";
import { refresh, startSession, store } from "./session";
import { inOrder, soon, work } from "./soon";
import { endpointOf, strategyOf, type State } from "./state";
import { cookieValue, keyName, type Key } from "./storage";
import type { BrowserTracker, ParsedIdCookie, TrackerConfiguration, TrackerCore } from "./types";

/** A copy of plain data; functions and other objects stay what they are (W40). */
const copy = <T>(value: T): T =>
  Array.isArray(value)
    ? (value.map(copy) as T)
    : (value as object | null)?.constructor === Object
      ? (Object.fromEntries(Object.entries(value as object).map(([key, one]) => [key, copy(one)])) as T)
      : value;

/** Make a tracker. */
function makeTracker(
  id: string,
  namespace: string,
  endpoint: string,
  { plugins = [], eventStore, ...rest }: TrackerConfiguration,
): BrowserTracker {
  const config = { ...copy(rest), eventStore } as TrackerConfiguration;
  const method = `${config.eventMethod}`.toLowerCase();
  if (method === "beacon") config.keepalive ??= true;
  const globals = __GLOBAL_CONTEXTS__ ? globalContexts() : undefined;

  const t = {
    _id: id,
    _key: `snowplowOutQueue_${id}`,
    _prefix: config.cookieName ?? "_sp_",
    _namespace: namespace,
    _config: config,
    _pairs: {},
    _plugins: [],
    _endpoint: endpointOf(endpoint, config),
    _get: method === "get",
    _base64: config.encodeBase64 ?? method === "get",
    _wanted: resolve(config.anonymousTracking),
    _optOut: config.optOutCookie,
    _strategy: strategyOf(config.stateStorageStrategy ?? "cookieAndLocalStorage"),
    _lifetime: config.cookieLifetime ?? 63_072_000,
    _path: "/",
    _paths: [],
    _preserve: config.preservePageViewIdForUrl,
    _globals: globals,
  } as unknown as State;
  t._store = () => store(t);
  // What an event counts in is stored before the event leaves.
  t._queue = makeQueue(t, () => settle(t) && (store(t), true));

  /** The ids that events carry now; getters tell nothing else (W7). */
  const tuple = (): Partial<ParsedIdCookie> => (settle(t) && t._tuple ? refresh(t) : []);
  const identified = (): unknown => settle(t) && t._level! & IDENTIFIED;
  const both: Pick<TrackerCore, "addPlugin"> = {
    addPlugin: ({ plugin }) => addPlugin(t, plugin),
    ...globals?._methods,
  };
  const core = inOrder(makeCore(t, both));

  const tracker = inOrder({
    // Only what stands here can be called by name.
    __proto__: null,
    id,
    namespace,
    core,
    sharedState: shared,
    getDomainSessionIndex: () => tuple()[3] ?? 0,
    getDomainSessionId: () => tuple()[6] ?? "",
    getDomainUserId: () => tuple()[1] ?? "",
    getDomainUserInfo: () => {
      const known = tuple();
      return known[0] ? [...known] : ["1", "", 0, 0, 0, undefined, "", "", "", undefined, 0];
    },
    getUserId: () => (identified() ? t._userId : undefined),
    getPageViewId: () => viewNow(t)._id,
    getTabId: () =>
      identified() && t._strategy && config.contexts?.webPage !== false
        ? (attempt(() => {
            const storage = win.sessionStorage;
            const known = storage.getItem("_sp_tab_id") ?? uuid();
            storage.setItem("_sp_tab_id", known);
            return known;
          }) ?? null)
        : null,
    getCookieName: (name: Key) => keyName(t, name),
    getPrivacyState: () => privacyState(t),
    setReferrerUrl(url: string) {
      t._customReferrer = url;
    },
    setCustomUrl(url: string) {
      t._customUrl = resolveUrl(url);
    },
    setDocumentTitle(title: string) {
      t._customTitle = title;
    },
    discardHashTag(on: boolean) {
      t._noHash = on;
    },
    discardBrace(on: boolean) {
      t._noBrace = on;
    },
    setCookiePath(path: string) {
      t._paths.push((t._path = path));
      t._domain = undefined;
      t._readAt = 0;
    },
    setVisitorCookieTimeout(seconds: number) {
      t._lifetime = seconds;
    },
    newSession() {
      if (settle(t)) startSession(t);
    },
    setOptOutCookie(name?: string | null) {
      t._optOut = name;
      settle(t);
    },
    setUserId(value?: string | null) {
      t._userId = value;
    },
    setUserIdFromLocation(field: string) {
      t._userId = parameter(win.location.href, field);
    },
    setUserIdFromReferrer(field: string) {
      t._userId = parameter(t._referrer!, field);
    },
    setUserIdFromCookie(name: string) {
      // Only an identified tracker has a reason to read it.
      if (identified()) t._userId = cookieValue(name);
    },
    setCollectorUrl(url: string) {
      t._endpoint = endpointOf(url, config);
    },
    setBufferSize: t._queue._setSize,
    flushBuffer(options?: { newBufferSize?: number }) {
      t._queue._flush(true);
      if (options?.newBufferSize) t._queue._setSize(options.newBufferSize);
    },
    preservePageViewId() {
      t._keepView = true;
    },
    preservePageViewIdForUrl(how: State["_preserve"]) {
      t._preserve = how;
    },
    trackSelfDescribingEvent({ event, context, timestamp }: Parameters<BrowserTracker["trackSelfDescribingEvent"]>[0]) {
      core.track(selfDescribing(event), context, timestamp);
    },
    enableAnonymousTracking: (options?: object) => enable(t, options),
    disableAnonymousTracking: (options?: object) => disable(t, options),
    clearUserData: (options?: object) => clear(t, options),
    ...both,
    ...((__ACTIVITY__ || __LINKER__) && followers(t)),
  } as unknown as BrowserTracker);
  t._tracker = tracker;

  /** Track now, unless nobody but the page itself could tell that it happens a moment later. */
  const track = (context: unknown, action: () => void): void => {
    const then = { _url: win.location.href, _title: doc.title, _at: now() };
    soon(() => {
      t._then = then;
      attempt(action, "track failed");
      t._then = undefined;
    });
    if (context || t._plugins[0] || globals?._any()) work();
  };
  tracker.trackPageView = (event) => {
    const { title, context, timestamp, contextCallback } = event ?? {};
    track(context ?? contextCallback, () => {
      if (!settle(t)) return;
      viewPage(t);
      const more = contextCallback && attempt(contextCallback, "contextCallback failed");
      core.track(
        payloadBuilder({ e: "pv", page: viewTitle(t, title) }),
        [...(context ?? []), ...(more || [])],
        timestamp,
      );
      t._onPageView?.(context ?? [], contextCallback);
    });
  };
  tracker.trackStructEvent = ({ category, action, label, property, value, context, timestamp }) => {
    const names = { se_ca: category, se_ac: action, se_la: label, se_pr: property, se_va: value };
    track(context, () => core.track(payloadBuilder({ e: "se", ...names }), context, timestamp));
  };

  look(t);
  const begin = (): void => {
    settle(t);
    for (const plugin of plugins) addPlugin(t, plugin);
    if (__LINKER__ && config.crossDomainLinker) tracker.crossDomainLinker(config.crossDomainLinker);
  };
  // The first look at a cookie is dear. Plugins expect to be there when this function returns.
  if (plugins[0] || config.synchronousCookieWrite) begin();
  else soon(begin);
  const leave = (gone: boolean): void => {
    work();
    store(t);
    t._queue._leave(gone);
  };
  listen(doc, "visibilitychange", () => doc.visibilityState === "hidden" && leave(false));
  listen(win, "pagehide", () => leave(true));
  return tracker;
}

const trackers: Record<string, BrowserTracker> = {};

/** Make and register a tracker; null when the id is taken (R2), undefined outside a browser (R3). */
export function newTracker(
  id: string,
  namespace: string,
  endpoint: string,
  configuration?: TrackerConfiguration | null,
): BrowserTracker | null | undefined {
  if (!inBrowser) return undefined;
  work();
  if (trackers[id]) {
    log.warn(`${namespace} already exists`);
    return null;
  }
  return (trackers[id] = makeTracker(id, namespace, endpoint, configuration ?? {}));
}

/** The trackers with these ids, or all of them. */
export const trackersOf = (ids = Object.keys(trackers)): BrowserTracker[] =>
  ids.flatMap((id) => {
    if (!trackers[id]) log.warn(`${id} not configured`);
    return trackers[id] ?? [];
  });
