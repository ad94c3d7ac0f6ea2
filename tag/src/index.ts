// The npm module: the same functions as the field's, over the same trackers.

import { attempt, inBrowser, VERSION } from "./env";
import * as of from "./plugins/consent";
import { newTracker as make, trackersOf } from "./tracker";
import type {
  BrowserTracker,
  ClearedUserData,
  CommonEventProperties,
  ConsentDocument,
  ConsentPreferences,
  GdprContext,
  PrivacyState,
  TrackerConfiguration,
} from "./types";

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

/** Consent functions belong to no tracker; the script loads them when they are first called. */
const consent =
  <E>(send: (trackers: BrowserTracker[], event: never) => void) =>
  (event: E, trackers?: string[]): void => {
    if (inBrowser) attempt(() => send(trackersOf(trackers), event as never), "consent");
  };

export const trackConsentAllow = consent<ConsentPreferences>(of.trackConsentAllow);
export const trackConsentSelected = consent<ConsentPreferences>(of.trackConsentSelected);
export const trackConsentPending = consent<ConsentPreferences>(of.trackConsentPending);
export const trackConsentImplicit = consent<ConsentPreferences>(of.trackConsentImplicit);
export const trackConsentDeny = consent<ConsentPreferences>(of.trackConsentDeny);
export const trackConsentExpired = consent<ConsentPreferences>(of.trackConsentExpired);
export const trackConsentWithdrawn = consent<ConsentPreferences | (ConsentDocument & { all: boolean })>(
  of.trackConsentWithdrawn,
);
export const trackConsentGranted = consent<ConsentDocument & { expiry?: string }>(of.trackConsentGranted);
export const trackCmpVisible = consent<{ elapsedTime: number } & CommonEventProperties>(of.trackCmpVisible);
export const enableGdprContext = consent<GdprContext>(of.enableGdprContext);
