// Options of a tracker.

import type { Payload } from "./events";
import type { BrowserPlugin } from "./tracker";

export type StateStorageStrategy = "cookieAndLocalStorage" | "cookie" | "localStorage" | "none";

export type AnonymousTrackingOptions =
  | boolean
  | { withSessionTracking?: boolean; withServerAnonymisation?: boolean };

export type Platform = "web" | "mob" | "pc" | "srv" | "app" | "tv" | "cnsl" | "iot";

export type CookieSameSite = "None" | "Lax" | "Strict";

export type EventMethod = "post" | "get" | "beacon";

export type PreservePageViewIdForUrl = boolean | "full" | "pathname" | "pathnameAndSearch";

/** What a signal of the browser leads to. */
export type SignalTreatment = "drop" | "anonymise" | "ignore";

export interface EventStorePayload {
  payload: Payload;
  svrAnon?: boolean;
}

/** A queue of the site's own. */
export interface EventStore {
  count: () => Promise<number>;
  add: (item: EventStorePayload) => Promise<number>;
  removeHead: (count: number) => Promise<void>;
  iterator: () => { next: () => Promise<{ value: EventStorePayload | undefined; done: boolean }> };
  getAll: () => Promise<readonly EventStorePayload[]>;
  getAllPayloads: () => Promise<readonly Payload[]>;
}

export interface RequestFailure {
  events: Payload[];
  status?: number;
  message?: string;
  willRetry: boolean;
}

export interface ClientSession extends Record<string, unknown> {
  userId: string;
  sessionId: string;
  sessionIndex: number;
  eventIndex: number;
  previousSessionId: string | null;
  storageMechanism: string;
  firstEventId?: string | null | undefined;
  firstEventTimestamp: string | null;
}

export type ExtendedCrossDomainLinkerAttributes = {
  userId?: boolean;
  sessionId?: boolean;
  sourceId?: boolean;
  sourcePlatform?: boolean;
  reason?: boolean | ((event: Event) => string);
};

export type LinkCriterion = (element: HTMLAnchorElement | HTMLAreaElement) => boolean;

export interface EnableAnonymousTrackingConfiguration {
  options?: AnonymousTrackingOptions;
  stateStorageStrategy?: StateStorageStrategy;
}

export interface DisableAnonymousTrackingConfiguration {
  stateStorageStrategy?: StateStorageStrategy;
  /** Start a fresh session instead of continuing the anonymous one. */
  newSession?: boolean;
}

export interface ClearUserDataConfiguration {
  preserveSession?: boolean;
  preserveUser?: boolean;
  /** Called once, if the collector is asked to expire its cookie: whether it says that it did. */
  onCollectorAnswer?: (expired: boolean) => void;
}

export interface TrackerConfiguration {
  appId?: string;
  appVersion?: string;
  platform?: Platform;
  encodeBase64?: boolean;
  cookieDomain?: string;
  discoverRootDomain?: boolean;
  cookieName?: string;
  cookieSameSite?: CookieSameSite | null;
  cookieSecure?: boolean;
  cookieLifetime?: number;
  sessionCookieTimeout?: number;
  stateStorageStrategy?: StateStorageStrategy;
  anonymousTracking?: AnonymousTrackingOptions | null;
  /** `true` means `drop`. */
  respectDoNotTrack?: boolean | SignalTreatment;
  /** `true` means `anonymise`, which is the default. */
  respectGlobalPrivacyControl?: boolean | SignalTreatment;
  /** Name of a cookie: while it has a value, nothing is sent and nothing is stored. */
  optOutCookie?: string | null;
  /** The collector is whiteout: use its anonymous path, its privacy entity and its clean-up. */
  whiteoutCollector?: boolean;
  /** Send what the official tracker sends where a fix would change it for those who read it. */
  upstreamCompat?: boolean;
  /** Traits of the device in anonymous events. */
  anonymousFields?: "minimal" | "full";
  /** URL parameters that anonymous events keep besides `utm_*`. */
  anonymousUrlParameters?: string[];
  contexts?: { webPage?: boolean; session?: boolean; browser?: boolean; [name: string]: unknown };
  plugins?: BrowserPlugin[];
  crossDomainLinker?: LinkCriterion;
  useExtendedCrossDomainLinker?: boolean | ExtendedCrossDomainLinkerAttributes;
  resetActivityTrackingOnPageView?: boolean;
  onSessionUpdateCallback?: (session: ClientSession) => void;
  preservePageViewIdForUrl?: PreservePageViewIdForUrl;
  preserveOriginalReferrer?: boolean;
  synchronousCookieWrite?: boolean;
  disableSessionContextWithinWebView?: boolean;
  eventMethod?: EventMethod;
  postPath?: string;
  protocol?: "http" | "https";
  port?: number;
  bufferSize?: number;
  maxPostBytes?: number;
  maxGetBytes?: number;
  useStm?: boolean;
  connectionTimeout?: number;
  customHeaders?: Record<string, string>;
  credentials?: "omit" | "same-origin" | "include";
  retryFailedRequests?: boolean;
  retryStatusCodes?: number[];
  dontRetryStatusCodes?: number[];
  cookieExtensionService?: string;
  idService?: string;
  keepalive?: boolean;
  customFetch?: (input: Request, options?: RequestInit) => Promise<Response>;
  onRequestSuccess?: (events: Payload[], response: Response) => void;
  onRequestFailure?: (failure: RequestFailure, response?: Response) => void;
  eventStore?: EventStore;
  maxLocalStorageQueueSize?: number;
  useLocalStorage?: boolean;
}
