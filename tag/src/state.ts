// Everything that one tracker remembers, and what it is made of.

import { inBrowser, win } from "./env";
import type { Level } from "./modes";
import type { Queue } from "./queue";
import type {
  BrowserPlugin,
  BrowserTracker,
  ParsedIdCookie,
  Payload,
  PayloadBuilder,
  PreservePageViewIdForUrl,
  SelfDescribingJson,
  StateStorageStrategy,
  TrackerConfiguration,
} from "./types";

/** The page view id of trackers that share a level of privacy (R79, W6). */
export interface PageView {
  _id: string;
  _url: string;
  /** Ids of the trackers that know it. */
  _users: Set<string>;
}

/** The state of one tracker. */
export interface State {
  readonly _id: string;
  readonly _namespace: string;
  readonly _config: TrackerConfiguration;
  _pairs: Payload;
  readonly _plugins: BrowserPlugin[];
  _endpoint: string;
  readonly _get: boolean;
  /** What the names of state keys begin with, and the name of the queue. */
  readonly _prefix: string;
  readonly _key: string;
  _base64: boolean;
  _dead?: boolean;

  // What was asked for, and what holds (gate.ts, privacy.ts).
  _wanted: Level;
  _explicit?: boolean;
  /** What events are tracked at; zero while nothing may be. */
  _level?: Level;
  _signal?: string | undefined;
  _optOut?: string | null | undefined;
  _strategy: number;
  _unusable?: boolean;
  /** The page view id of events that lost their ids while they waited. */
  _demotedId?: string;

  // Ids (session.ts).
  _tuple?: ParsedIdCookie | undefined;
  _userId?: string | null | undefined;
  _lastEvent?: number;
  _readAt?: number;
  _dirty?: boolean;
  _told?: string;
  _store: () => unknown;
  _lifetime: number;
  _path: string;
  readonly _paths: string[];
  _domain?: string | undefined;

  // The page (page.ts).
  _keepView?: boolean;
  /** What the last page view was tracked with. */
  _viewed?: PageView;
  _preserve?: PreservePageViewIdForUrl | undefined;
  /** What was true when the event was tracked that is worked on now. */
  _then?: { _url: string; _title: string; _at: number } | undefined;
  _url?: string;
  _customUrl?: string | undefined;
  _customReferrer?: string | undefined;
  _referrer?: string;
  _title?: string;
  _customTitle?: string | undefined;
  _docTitle?: string;
  _noHash?: boolean;
  _noBrace?: boolean;

  _queue: Queue;
  _tracker: BrowserTracker;
  _globals?: { _for(builder: PayloadBuilder): SelfDescribingJson[]; _any(): unknown } | undefined;
  /** Called with a page view's own entities, for activity tracking. */
  _onPageView?: ((context: SelfDescribingJson[], fresh?: (() => SelfDescribingJson[]) | null) => void) | undefined;
}

// Where a strategy keeps things: bits of `State._strategy`.
export const COOKIES = 1;
export const LOCAL = 2;
export const QUEUE = 4;

const STRATEGIES: Record<string, number> = {
  cookie: COOKIES,
  cookieAndLocalStorage: COOKIES | QUEUE,
  localStorage: LOCAL | QUEUE,
};

/** A strategy as bits; anything unknown keeps nothing (R7, contract 1). */
export const strategyOf = (name: unknown): number => STRATEGIES[name as string]! | 0;

/** The name of a strategy. */
export const strategyName = (strategy: number): StateStorageStrategy =>
  (Object.keys(STRATEGIES).find((name) => STRATEGIES[name] === strategy) ?? "none") as StateStorageStrategy;

/** An endpoint with its protocol and port (R4). */
export const endpointOf = (url: string, { protocol, port }: TrackerConfiguration): string =>
  (/^http/.test(url) ? url : `${protocol ?? (/^https/.exec(win.location.protocol) ?? "http")}://${url}`).replace(/\/+$/, "") +
  (port ? `:${port}` : "");

/** The host of the page as it is hashed (R22). */
export const pageHost = inBrowser ? win.location.hostname.replace(/\.$/, "") : "";
