// Everything that one tracker remembers, and what it is made of.

import { win } from "./env";
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
  /** Trackers that sent a page view, or anything at all, with this id. */
  _viewed: Set<string>;
  _used: Set<string>;
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
  _level?: Level | undefined;
  _blocked?: boolean;
  _signal?: string | null;
  _optOut?: string | null | undefined;
  _strategy: StateStorageStrategy;
  _unusable?: boolean;
  /** The page view id of events that lost their ids while they waited. */
  _demotedId?: string;

  // Ids (session.ts).
  _tuple?: ParsedIdCookie | undefined;
  _userId?: string | null | undefined;
  _lastEvent?: number;
  _readAt?: number;
  _dirty?: boolean;
  _timer?: number | undefined;
  _told?: string;
  _lifetime: number;
  _path: string;
  readonly _paths: string[];
  _domain?: string | undefined;

  // The page (page.ts).
  _keepView?: boolean;
  _preserve?: PreservePageViewIdForUrl | undefined;
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
  _globals?: { _for(builder: PayloadBuilder): SelfDescribingJson[] } | undefined;
  /** Called with a page view's own entities, for activity tracking. */
  _onPageView?: ((context: SelfDescribingJson[], fresh?: (() => SelfDescribingJson[]) | null) => void) | undefined;
}

/** A strategy that exists; anything unknown keeps nothing (R7, contract 1). */
export const strategyOf = (value: unknown): StateStorageStrategy =>
  (/^(cookie(AndLocalStorage)?|localStorage)$/.test(value as string) ? value : "none") as StateStorageStrategy;

/** An endpoint with its protocol and port (R4). */
export const endpointOf = (url: string, { protocol, port }: TrackerConfiguration): string =>
  ((/^http/.test(url) ? "" : `${protocol ?? (/^https:/.test(win.location.protocol) ? "https" : "http")}://`) +
    url).replace(/\/+$/, "") + (port ? `:${port}` : "");

/** The host of the page as it is hashed (R22). */
export const pageHost = (): string => win.location.hostname.replace(/\.$/, "");
