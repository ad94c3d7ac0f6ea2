// The tracker, its plugins, and what it tells about itself.

import type {
  ActivityCallback,
  ActivityTrackingConfiguration,
  CommonEventProperties,
  GlobalContext,
  PageViewEvent,
  Payload,
  PayloadBuilder,
  SelfDescribingEvent,
  SelfDescribingJson,
  StructuredEvent,
  Timestamp,
} from "./events";
import type {
  ClearUserDataConfiguration,
  DisableAnonymousTrackingConfiguration,
  EnableAnonymousTrackingConfiguration,
  LinkCriterion,
  PreservePageViewIdForUrl,
  StateStorageStrategy,
} from "./options";

export type Mode =
  | "identified"
  | "anonymous"
  | "anonymous_session"
  | "server_anonymous"
  | "server_anonymous_session";

export interface Logger {
  setLogLevel: (level: number) => void;
  info: (message: string, ...extra: unknown[]) => void;
  debug: (message: string, ...extra: unknown[]) => void;
  warn: (message: string, error?: unknown, ...extra: unknown[]) => void;
  error: (message: string, error?: unknown, ...extra: unknown[]) => void;
}

/** What a tracker sends, stores and holds in memory now, in plain data, for consent dialogs. */
export interface PrivacyState {
  mode: Mode;
  anonymous: boolean;
  session: boolean;
  server: boolean;
  strategy: StateStorageStrategy;
  /** The signal that decided: `opt-out`, `dnt`, `gpc`, or null. */
  signal: string | null;
  /** Whether events are dropped. */
  blocked: boolean;
  /** Names of the identifiers that events carry. */
  sent: string[];
  /** Keys that the tracker has on this device. */
  stored: { cookies: string[]; localStorage: string[]; sessionStorage: string[] };
  /** Names of the identifiers that are held in memory, sent or not. */
  memory: string[];
  /** Events that wait to be sent. */
  queued: number;
}

/** What `clearUserData` removed. */
export interface ClearedUserData {
  cookies: string[];
  localStorage: string[];
  sessionStorage: string[];
  memory: string[];
  /** Number of unsent events that were dropped. */
  events: number;
  /** Whether the collector was asked to expire its cookie, which no script can reach. */
  collector: "asked" | false;
}

export interface CorePlugin {
  activateCorePlugin?: (core: TrackerCore) => void;
  deactivatePlugin?: (core: TrackerCore) => void;
  beforeTrack?: (builder: PayloadBuilder) => void;
  afterTrack?: (payload: Payload) => void;
  filter?: (payload: Payload) => boolean;
  contexts?: () => SelfDescribingJson[];
  logger?: (logger: Logger) => void;
  /** Told once when the plugin is activated and at every change. */
  privacyChanged?: (state: Pick<PrivacyState, "mode" | "anonymous" | "session" | "server">) => void;
}

export interface BrowserPlugin extends CorePlugin {
  activateBrowserPlugin?: (tracker: BrowserTracker) => void;
}

export interface BrowserPluginConfiguration {
  plugin: BrowserPlugin;
}

export interface TrackerCore {
  track: (
    builder: PayloadBuilder,
    context?: SelfDescribingJson[] | null,
    timestamp?: Timestamp | null,
  ) => Payload | undefined;
  addPayloadPair: (key: string, value: unknown) => void;
  addPayloadDict: (dict: Payload) => void;
  resetPayloadPairs: (dict: Payload) => void;
  getBase64Encoding: () => boolean;
  setBase64Encoding: (encode: boolean) => void;
  setTrackerVersion: (value: string) => void;
  setTrackerNamespace: (value: string) => void;
  setAppId: (value: string) => void;
  setPlatform: (value: string) => void;
  setUserId: (value: string) => void;
  setScreenResolution: (width: string, height: string) => void;
  setViewport: (width: string, height: string) => void;
  setColorDepth: (value: string) => void;
  setTimezone: (value: string) => void;
  setLang: (value: string) => void;
  setIpAddress: (value: string) => void;
  setUseragent: (value: string) => void;
  addGlobalContexts: (contexts: GlobalContext[] | Record<string, GlobalContext>) => void;
  removeGlobalContexts: (contexts: Array<GlobalContext | string>) => void;
  clearGlobalContexts: () => void;
  addPlugin: (configuration: { plugin: CorePlugin }) => void;
  deactivate: () => void;
}

/** The ten fields of the id cookie behind a flag: `0` found in storage, `1` not. */
export type ParsedIdCookie = [
  cookieDisabled: string,
  domainUserId: string,
  cookieCreateTs: number,
  visitCount: number,
  nowTs: number,
  lastVisitTs: number | undefined,
  sessionId: string,
  previousSessionId: string,
  firstEventId: string,
  firstEventTs: number | undefined,
  eventIndex: number,
];

/** What trackers of one page share. */
export interface SharedState {
  bufferFlushers: Array<(sync: boolean) => void>;
  hasLoaded: boolean;
  registeredOnLoadHandlers: Array<() => void>;
  pageViewId?: string;
  pageViewUrl?: string;
}

export interface BrowserTracker {
  id: string;
  namespace: string;
  core: TrackerCore;
  sharedState: SharedState;
  getDomainSessionIndex: () => number;
  getPageViewId: () => string;
  getTabId: () => string | null;
  getCookieName: (basename: string) => string;
  getUserId: () => string | null | undefined;
  getDomainUserId: () => string;
  getDomainUserInfo: () => ParsedIdCookie;
  getDomainSessionId: () => string;
  getPrivacyState: () => PrivacyState;
  setReferrerUrl: (url: string) => void;
  setCustomUrl: (url: string) => void;
  setDocumentTitle: (title: string) => void;
  discardHashTag: (enable: boolean) => void;
  discardBrace: (enable: boolean) => void;
  setCookiePath: (path: string) => void;
  setVisitorCookieTimeout: (seconds: number) => void;
  newSession: () => void;
  crossDomainLinker: (criterion: LinkCriterion) => void;
  enableActivityTracking: (configuration: ActivityTrackingConfiguration) => void;
  enableActivityTrackingCallback: (
    configuration: ActivityTrackingConfiguration & { callback: ActivityCallback },
  ) => void;
  disableActivityTracking: () => void;
  disableActivityTrackingCallback: () => void;
  updatePageActivity: () => void;
  setOptOutCookie: (name?: string | null) => void;
  setUserId: (userId?: string | null) => void;
  setUserIdFromLocation: (field: string) => void;
  setUserIdFromReferrer: (field: string) => void;
  setUserIdFromCookie: (name: string) => void;
  setCollectorUrl: (url: string) => void;
  setBufferSize: (size: number) => void;
  flushBuffer: (configuration?: { newBufferSize?: number }) => void;
  preservePageViewId: () => void;
  preservePageViewIdForUrl: (preserve: PreservePageViewIdForUrl) => void;
  trackPageView: (event?: PageViewEvent & CommonEventProperties) => void;
  trackStructEvent: (event: StructuredEvent & CommonEventProperties) => void;
  trackSelfDescribingEvent: (event: SelfDescribingEvent & CommonEventProperties) => void;
  addGlobalContexts: TrackerCore["addGlobalContexts"];
  removeGlobalContexts: TrackerCore["removeGlobalContexts"];
  clearGlobalContexts: () => void;
  enableAnonymousTracking: (configuration?: EnableAnonymousTrackingConfiguration) => void;
  disableAnonymousTracking: (configuration?: DisableAnonymousTrackingConfiguration) => void;
  clearUserData: (configuration?: ClearUserDataConfiguration) => ClearedUserData;
  addPlugin: (configuration: BrowserPluginConfiguration) => void;
}
