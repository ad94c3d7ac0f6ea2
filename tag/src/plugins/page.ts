// What follows a visitor on the page: page pings and the callback of the same rhythm (R123-R130,
// W36), and links to other sites that take the visitor along, only while identified, looked at when
// the link is used (R90-R96; W7, W9, W35, W41).

import { attempt, doc, later, listen, log, now, win } from "../env";
import { entity, payloadBuilder } from "../payload";
import { base64url } from "../text";
import type {
  ActivityCallback,
  ActivityTrackingConfiguration,
  BrowserTracker,
  LinkCriterion,
  SelfDescribingJson,
  TrackerConfiguration,
} from "../types";

interface Kind {
  readonly _configuration: ActivityTrackingConfiguration & { callback?: ActivityCallback };
  _timer?: number | undefined;
  /** Scroll offsets since its last ping: the least and the most horizontally, then vertically. */
  _offsets: number[];
  /** By type of event, how many there were since then, or how many pixels. */
  _sums: Record<string, number>;
}

const place = (): [number, number] => [Math.round(win.scrollX), Math.round(win.scrollY)];

/** Activity tracking of one tracker: its methods, and `viewed` for a page view with its entities. */
function activity(tracker: BrowserTracker, title: () => string, again: boolean) {
  const kinds: Record<string, Kind> = {};
  let last = 0;
  let installed: boolean | undefined;
  let context: SelfDescribingJson[] | undefined;
  let more: (() => SelfDescribingJson[]) | null | undefined;
  let [mouseX, mouseY]: number[] = [];
  let [left, top] = place();

  const updatePageActivity = (): void => {
    last = now();
  };
  const all = (action: (kind: Kind) => void): void => Object.values(kinds).forEach(action);

  function install(): void {
    installed = true;
    [left, top] = place();
    listen(win, "resize focus blur", updatePageActivity);
    const types = "wheel click mouseup mousedown mousemove keypress keydown keyup touchend touchstart scroll";
    listen(doc, types, ({ type, screenX, screenY }: MouseEvent) => {
      updatePageActivity();
      const [x, y] = place();
      let sum = 1;
      if (type === "mousemove") {
        // The first move has nothing to be measured from.
        sum = Math.hypot(screenX - mouseX!, screenY - mouseY!) || 0;
        [mouseX, mouseY] = [screenX, screenY];
      }
      if (type === "scroll") sum = Math.abs(x - left) + Math.abs(y - top);
      [left, top] = [x, y];
      all((kind) => {
        kind._sums[type] = (kind._sums[type] ?? 0) + sum;
        kind._offsets = [x, x, y, y].map((at, i) => Math[i & 1 ? "max" : "min"](at, kind._offsets[i]!));
      });
    });
  }

  function reset(kind: Kind): void {
    const [x, y] = place();
    kind._offsets = [x, x, y, y];
    kind._sums = {};
  }

  function ping(kind: Kind): void {
    const { callback, activityMetrics: wanted } = kind._configuration;
    const [minXOffset, maxXOffset, minYOffset, maxYOffset] = kind._offsets as [number, number, number, number];
    const { mousemove = 0, scroll = 0, keydown = 0, click = 0, touchstart = 0 } = kind._sums;
    const activityMetrics = {
      mouseDistance: Math.round(mousemove),
      scrollDistance: scroll,
      keyPresses: keydown,
      clicks: click,
      touches: touchstart,
    };
    const entities = [...(context ?? []), ...((more && attempt(more, "contextCallback")) || [])];
    reset(kind);
    if (callback) {
      callback({
        context: entities,
        pageViewId: tracker.getPageViewId(),
        minXOffset,
        minYOffset,
        maxXOffset,
        maxYOffset,
        ...(wanted && { activityMetrics }),
      });
      return;
    }
    if (wanted) entities.push(entity("activity_metrics", activityMetrics));
    const offsets = { pp_mix: minXOffset, pp_max: maxXOffset, pp_miy: minYOffset, pp_may: maxYOffset };
    tracker.core.track(payloadBuilder({ e: "pp", page: title(), ...offsets }), entities);
  }

  function start(kind: Kind): void {
    const { minimumVisitLength, heartbeatDelay } = kind._configuration;
    const tick = (seconds: number): void => {
      kind._timer = later(() => {
        tick(heartbeatDelay);
        if (last + seconds * 1000 > now()) ping(kind);
      }, seconds * 1000);
    };
    win.clearTimeout(kind._timer);
    tick(minimumVisitLength || heartbeatDelay);
  }

  const enable =
    (name: string) =>
    (configuration: Kind["_configuration"]): void => {
      const { minimumVisitLength, heartbeatDelay } = configuration;
      if ([minimumVisitLength, heartbeatDelay].every(Number.isInteger)) {
        kinds[name] ??= { _configuration: configuration } as Kind;
      } else log.error("not in seconds");
    };
  const disable = (name: string) => (): void => {
    win.clearTimeout(kinds[name]?._timer);
    delete kinds[name];
  };
  return {
    enableActivityTracking: enable("ping"),
    enableActivityTrackingCallback: enable("callback"),
    disableActivityTracking: disable("ping"),
    disableActivityTrackingCallback: disable("callback"),
    updatePageActivity,
    viewed(entities: SelfDescribingJson[], fresh?: (() => SelfDescribingJson[]) | null): void {
      if (!Object.keys(kinds)[0]) return;
      if (!installed) install();
      if (again || !context) [context, more] = [entities, fresh];
      all((kind) => {
        if (again || !kind._timer) {
          updatePageActivity();
          reset(kind);
          start(kind);
        }
      });
    },
  };
}

type Link = HTMLAnchorElement | HTMLAreaElement;

/** A URL with `_sp` first in its query, or without `_sp`. */
function decorate(url: string, value: string | undefined): string {
  const [, bare, query, hash] = /^([^?#]*)\??([^#]*)(.*)/s.exec(url)!;
  const pairs = [value && `_sp=${value}`, ...query!.split("&").filter((pair) => !/^_sp=/.test(pair))].filter(Boolean);
  return bare + (pairs[0] ? "?" + pairs.join("&") : "") + hash;
}

/** The value of `_sp`; undefined where nothing may be told. */
function value(tracker: BrowserTracker, config: TrackerConfiguration, event: Event, link: Link): string | undefined {
  // A tracker tells the visitor's id only where events carry it.
  const duid = tracker.getDomainUserId();
  if (!duid) return undefined;
  const { useExtendedCrossDomainLinker: extended, appId, platform = "web" } = config;
  const parts: Array<string | number> = [duid, now()];
  if (extended) {
    const {
      userId = false,
      sessionId = true,
      sourceId = true,
      sourcePlatform = false,
      reason = false,
    } = extended === true ? {} : extended;
    const why = typeof reason === "function" ? reason(event) : reason && link.textContent?.trim();
    parts.push(
      sessionId ? tracker.getDomainSessionId() : "",
      base64url((userId && tracker.getUserId()) || ""),
      base64url((sourceId && appId) || ""),
      sourcePlatform ? platform : "",
      base64url(why || ""),
    );
  }
  return parts.join(".").replace(/\.+$/, "");
}

/** The method that decorates the links of the page which its criterion accepts. */
function linker(tracker: BrowserTracker, config: TrackerConfiguration) {
  const linked = new WeakMap<Element, string>();
  return (accepts: LinkCriterion): void => {
    for (const link of Array.from(doc.links) as Link[]) {
      if (linked.has(link) || !accepts(link)) continue;
      linked.set(link, "");
      listen(link, "click mousedown", (event) => {
        const given = value(tracker, config, event, link);
        const before = linked.get(link);
        // What other trackers of the page wrote there is theirs.
        if (given || (before && link.href.includes(before))) {
          link.href = decorate(link.href, given);
          linked.set(link, given ?? "");
        }
      });
    }
  };
}

/** The methods for one tracker; `title` tells the title that a ping has. */
export const follow = (tracker: BrowserTracker, config: TrackerConfiguration, title: () => string) => ({
  ...activity(tracker, title, config.resetActivityTrackingOnPageView !== false),
  crossDomainLinker: linker(tracker, config),
});
