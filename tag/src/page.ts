// The page as events describe it: its id, URL, referrer and title (R78-R80, R115-R117, W6).

import { attempt, decode, doc, uuid, win } from "./env";
import { modeOf } from "./modes";
import type { PageView, State } from "./state";
import { tidyUrl } from "./scrub";
import type { PreservePageViewIdForUrl, SharedState } from "./types";

const views: Record<string, PageView> = {};
let latest: PageView | undefined;

/** What plugins of the field find on a tracker. */
export const shared = {
  bufferFlushers: [],
  hasLoaded: true,
  registeredOnLoadHandlers: [],
  get pageViewId() {
    return latest?._id;
  },
  get pageViewUrl() {
    return latest?._url;
  },
} as SharedState;

const here = (t: State): string => t._customUrl || win.location.href;

/**
 * The page view that trackers of one level share. `rotate` makes a new one, unless the present one
 * was never used by this tracker: nobody takes an id along from one level to another.
 */
export function takeView(t: State, rotate = false): PageView {
  const level = t._config.upstreamCompat || !t._level ? "" : modeOf(t._level);
  let view = views[level];
  if (!view || (rotate && view._used.has(t._id))) {
    view = views[level] = { _id: uuid(), _url: here(t), _viewed: new Set(), _used: new Set() };
  }
  return (latest = view);
}

const part = (url: string, how: PreservePageViewIdForUrl): string => {
  if (how === true || how === "full") return url;
  const { pathname, search } = new URL(url, doc.baseURI);
  return pathname + (how === "pathname" ? "" : search);
};

/** The page view id for something that happens now (R80). */
export function viewId(t: State): string {
  const how = t._preserve;
  const use = (): PageView => {
    const view = takeView(t);
    view._used.add(t._id);
    return view;
  };
  const before = use()._url;
  if (how && !t._keepView && attempt(() => part(before, how) !== part(here(t), how))) takeView(t, true);
  return use()._id;
}

/** A page view is tracked: the second one with an id gets a new one (R79). */
export function viewPage(t: State): void {
  viewId(t);
  if (takeView(t)._viewed.has(t._id) && !t._keepView && !t._preserve) takeView(t, true);
  takeView(t)._viewed.add(t._id);
}

/** A value from the query of a URL, decoded; nothing throws (R116). */
export function parameter(url: string, name: string): string | undefined {
  for (const pair of (url.split("#")[0]!.split(/\?(.*)/s)[1] ?? "").split("&")) {
    const [key, value] = pair.split(/=(.*)/s);
    if (key === name && value) return decode(value.replace(/\+/g, " "));
  }
  return undefined;
}

const cameFrom = (): string =>
  attempt(() => win.top!.document.referrer) ?? attempt(() => win.parent.document.referrer) ?? doc.referrer;

/** Look at where the page is now, and where the visitor came from (R115). */
export function look(t: State): void {
  const url = win.location.href;
  if (url === t._url) return;
  if (!(t._config.preserveOriginalReferrer && t._referrer)) {
    t._referrer =
      parameter(url, "referrer") ?? parameter(url, "referer") ?? (t._url || cameFrom());
  }
  t._url = url;
}

function tidy(t: State, url: string): string {
  const text = tidyUrl(t._noHash ? url.split("#")[0]! : url);
  return t._noBrace ? text.replace(/[{}]/g, "") : text;
}

/** URL and referrer as events carry them. */
export function pageUrls(t: State): { url: string; refr: string } {
  look(t);
  return { url: tidy(t, here(t)), refr: tidy(t, t._customReferrer || t._referrer!) };
}

/** A URL set by hand: what has no scheme is resolved against the page. */
export const resolveUrl = (url: string): string => attempt(() => new URL(url, win.location.href).href) ?? url;

/** The title for a page view: its own, else the one set by hand, else the document's (R117). */
export function viewTitle(t: State, given?: string | null): string {
  if (given) t._customTitle = undefined;
  t._docTitle = doc.title;
  return (t._title = given || t._customTitle || doc.title);
}

/** The title for a ping: the page view's, until the document's changes. */
export function pingTitle(t: State): string {
  if (doc.title !== t._docTitle) {
    t._customTitle = undefined;
    t._title = t._docTitle = doc.title;
  }
  return t._title!;
}
