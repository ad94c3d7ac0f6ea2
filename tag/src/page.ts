// The page as events describe it: its id, URL, referrer and title (R78-R80, R115-R117, W6).

import { attempt, doc, uuid, win } from "./env";
import { tidyUrl } from "./scrub";
import { work } from "./soon";
import type { PageView, State } from "./state";
import type { PreservePageViewIdForUrl, SharedState } from "./types";

const views: Record<number, PageView> = {};
let latest: PageView | undefined;

/** What plugins of the field find on a tracker. */
export const shared = {
  bufferFlushers: [],
  hasLoaded: true,
  registeredOnLoadHandlers: [],
  get pageViewId() {
    work();
    return latest?._id;
  },
  get pageViewUrl() {
    work();
    return latest?._url;
  },
} as SharedState;

const address = (t: State): string => t._then?._url ?? win.location.href;

const here = (t: State): string => t._customUrl || address(t);

/**
 * The page view that trackers of one level share. `rotate` makes a new one, unless the present one
 * was never used by this tracker: nobody takes an id along from one level to another.
 */
export function takeView(t: State, rotate?: unknown): PageView {
  const level = (!t._config.upstreamCompat && t._level) || 0;
  let view = views[level];
  if (!view || (rotate && view._users.has(t._id))) {
    view = views[level] = { _id: uuid(), _url: here(t), _users: new Set() };
  }
  view._users.add(t._id);
  return (latest = view);
}

const part = (url: string, how: PreservePageViewIdForUrl): string => {
  if (!/^p/.test(how as string)) return url;
  const { pathname, search } = new URL(url, doc.baseURI);
  return pathname + (how === "pathname" ? "" : search);
};

/** The page view for something that happens now (R80). */
export function viewNow(t: State): PageView {
  const how = t._preserve;
  const url = takeView(t)._url;
  return takeView(
    t,
    how && !t._keepView && attempt(() => part(url, how) !== part(here(t), how)),
  );
}

/** A page view is tracked: the second one with an id gets a new one (R79). */
export function viewPage(t: State): void {
  t._viewed = takeView(t, viewNow(t) === t._viewed && !t._keepView);
}

/** A value from the query of a URL, decoded; nothing throws (R116). */
export const parameter = (url: string, name: string): string | undefined =>
  attempt(() => new URL(url).searchParams.get(name)) || undefined;

const cameFrom = (): string =>
  attempt(() => win.top!.document.referrer) ?? attempt(() => win.parent.document.referrer) ?? doc.referrer;

/** Look at where the page is now, and where the visitor came from (R115). */
export function look(t: State): void {
  const url = address(t);
  if (url === t._url) return;
  if (!t._config.preserveOriginalReferrer || !t._referrer) {
    t._referrer = parameter(url, "referrer") ?? parameter(url, "referer") ?? (t._url || cameFrom());
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
  t._docTitle = t._then?._title ?? doc.title;
  return (t._title = given || t._customTitle || t._docTitle);
}

/** The title for a ping: the page view's, until the document's changes. */
export function pingTitle(t: State): string {
  if (doc.title !== t._docTitle) {
    t._customTitle = undefined;
    t._title = t._docTitle = doc.title;
  }
  return t._title!;
}
