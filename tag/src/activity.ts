// How long and how a page is read: page pings and the callback of the same rhythm (R123-R130, W36).

import { attempt, doc, later, listen, log, now, win } from "./env";
import { pageUrls, pingTitle, viewNow } from "./page";
import { entity, payloadBuilder } from "./payload";
import type { State } from "./state";
import type { ActivityCallback, ActivityTrackingConfiguration, SelfDescribingJson } from "./types";

interface Kind {
  readonly _configuration: ActivityTrackingConfiguration & { callback?: ActivityCallback };
  _timer?: number | undefined;
  /** Scroll offsets since its last ping: the least and the most horizontally, then vertically. */
  _offsets: number[];
  /** By type of event, how many there were since then, or how many pixels. */
  _sums: Record<string, number>;
}

const place = (): [number, number] => [Math.round(win.scrollX), Math.round(win.scrollY)];

/** Activity tracking of one tracker: its methods. */
export function activity(t: State) {
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
        pageViewId: viewNow(t)._id,
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
    t._tracker.core.track(payloadBuilder({ e: "pp", page: pingTitle(t), ...pageUrls(t), ...offsets }), entities);
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

  t._onPageView = (entities, fresh) => {
    if (!Object.keys(kinds)[0]) return;
    if (!installed) install();
    const again = t._config.resetActivityTrackingOnPageView !== false;
    if (again || !context) [context, more] = [entities, fresh];
    all((kind) => {
      if (again || !kind._timer) {
        updatePageActivity();
        reset(kind);
        start(kind);
      }
    });
  };

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
  };
}
