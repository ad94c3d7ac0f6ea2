// The npm module: the same functions as the field's, over the same trackers.

import { newTracker as make, trackersOf } from "./tracker";
import { inBrowser, VERSION } from "./env";
import type { BrowserTracker, ClearedUserData, PrivacyState, TrackerConfiguration } from "./types";

export type * from "./types";

/** The library's name and version. */
export const version: string = VERSION;

/** Make a tracker; its namespace is its id. Null if it exists, undefined outside a browser. */
export const newTracker = (
  namespace: string,
  endpoint: string,
  configuration?: TrackerConfiguration,
): BrowserTracker | null | undefined => make(namespace, namespace, endpoint, configuration);

type Method<K extends keyof BrowserTracker> = Extract<BrowserTracker[K], (...args: never[]) => unknown>;
type Argument<K extends keyof BrowserTracker> = Parameters<Method<K>>;

/** Call a method of the trackers with these ids, or of all. */
function each<K extends keyof BrowserTracker>(name: K, args: Argument<K>, trackers?: string[]): unknown[] {
  if (!inBrowser) return [];
  return trackersOf(trackers).map((tracker) => {
    const method = tracker[name] as ((...all: unknown[]) => unknown) | undefined;
    return method?.(...args);
  });
}

const none =
  <K extends keyof BrowserTracker>(name: K) =>
  (trackers?: string[]): void =>
    void each(name, [] as unknown as Argument<K>, trackers);

const one =
  <K extends keyof BrowserTracker>(name: K) =>
  (argument: Argument<K>[0], trackers?: string[]): void =>
    void each(name, [argument] as unknown as Argument<K>, trackers);

const maybe =
  <K extends keyof BrowserTracker>(name: K) =>
  (argument?: Argument<K>[0], trackers?: string[]): void =>
    void each(name, [argument] as unknown as Argument<K>, trackers);

/** The session id of a tracker, by default of the first one. */
export const getDomainSessionId = (trackerId?: string): string | undefined =>
  trackersOf(trackerId === undefined ? undefined : [trackerId])[0]?.getDomainSessionId();

/** The privacy state of a tracker, by default of the first one. */
export const getPrivacyState = (trackerId?: string): PrivacyState | undefined =>
  trackersOf(trackerId === undefined ? undefined : [trackerId])[0]?.getPrivacyState();

/** Remove everything about the visitor; what was removed, by tracker. */
export const clearUserData = (
  configuration?: Argument<"clearUserData">[0],
  trackers?: string[],
): ClearedUserData[] => each("clearUserData", [configuration], trackers) as ClearedUserData[];

export const newSession = none("newSession");
export const setReferrerUrl = one("setReferrerUrl");
export const setCustomUrl = one("setCustomUrl");
export const setDocumentTitle = one("setDocumentTitle");
export const discardHashTag = one("discardHashTag");
export const discardBrace = one("discardBrace");
export const setCookiePath = one("setCookiePath");
export const setVisitorCookieTimeout = one("setVisitorCookieTimeout");
export const crossDomainLinker = one("crossDomainLinker");
export const enableActivityTracking = one("enableActivityTracking");
export const enableActivityTrackingCallback = one("enableActivityTrackingCallback");
export const disableActivityTracking = none("disableActivityTracking");
export const disableActivityTrackingCallback = none("disableActivityTrackingCallback");
export const updatePageActivity = none("updatePageActivity");
export const setOptOutCookie = maybe("setOptOutCookie");
export const setUserId = maybe("setUserId");
export const setUserIdFromLocation = one("setUserIdFromLocation");
export const setUserIdFromReferrer = one("setUserIdFromReferrer");
export const setUserIdFromCookie = one("setUserIdFromCookie");
export const setCollectorUrl = one("setCollectorUrl");
export const setBufferSize = one("setBufferSize");
export const flushBuffer = maybe("flushBuffer");
export const trackPageView = maybe("trackPageView");
export const trackStructEvent = one("trackStructEvent");
export const trackSelfDescribingEvent = one("trackSelfDescribingEvent");
export const addGlobalContexts = one("addGlobalContexts");
export const removeGlobalContexts = one("removeGlobalContexts");
export const clearGlobalContexts = none("clearGlobalContexts");
export const preservePageViewId = none("preservePageViewId");
export const preservePageViewIdForUrl = one("preservePageViewIdForUrl");
export const enableAnonymousTracking = maybe("enableAnonymousTracking");
export const disableAnonymousTracking = maybe("disableAnonymousTracking");
export const addPlugin = one("addPlugin");
export const trackConsentAllow = one("trackConsentAllow");
export const trackConsentSelected = one("trackConsentSelected");
export const trackConsentPending = one("trackConsentPending");
export const trackConsentImplicit = one("trackConsentImplicit");
export const trackConsentDeny = one("trackConsentDeny");
export const trackConsentExpired = one("trackConsentExpired");
export const trackConsentWithdrawn = one("trackConsentWithdrawn");
export const trackConsentGranted = one("trackConsentGranted");
export const trackCmpVisible = one("trackCmpVisible");
export const enableGdprContext = one("enableGdprContext");
