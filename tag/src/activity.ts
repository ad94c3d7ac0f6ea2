// How long and how a page is read: page pings and the callback of the same rhythm (R123-R130, W36).

import { attempt, doc, later, listen, log, now, win } from "./env";
import { pageUrls, pingTitle, viewNow } from "./page";
import { entity, payloadBuilder } from "./payload";
import type { State } from "./state";
import type { ActivityCallback, ActivityTrackingConfiguration, SelfDescribingJson } from "./types";

interface Kind {
  readonly _configuration: ActivityTrackingConfiguration & { callback?: ActivityCallback };
  _timer?: number | undefined;
  /** Scroll offsets since its last ping: left, right, top, bottom. */
  _x: number[];
  _y: number[];
  /** Pixels of mouse and scrolling, keys, clicks, touches since then. */
  _mouse: number;
  _scroll: number;
  _events: Record<string, number>;
}

const place = (): [number, number] => [Math.round(win.scrollX), Math.round(win.scrollY)];

/** Activity tracking of one tracker: its methods. */
export function activity(t: State) {
  const kinds: Record<string, Kind> = {};
  let last = 0;
  let installed: boolean | undefined;
  let context: SelfDescribingJson[] | undefined;
  let more: (() => SelfDescribingJson[]) | null | undefined;
  let mouse: [number, number] | undefined;
  let scroll = place();

  const updatePageActivity = (): void => {
    last = now();
  };
  const all = (action: (kind: Kind) => void): void => Object.values(kinds).forEach(action);

  function install(): void {
    installed = true;
    scroll = place();
    listen(win, "resize focus blur", updatePageActivity);
    const types = "wheel click mouseup mousedown mousemove keypress keydown keyup touchend touchstart scroll";
    listen(doc, types, ({ type, screenX, screenY }: MouseEvent) => {
      updatePageActivity();
      const [x, y] = place();
      all((kind) => {
        kind._events[type] = (kind._events[type] ?? 0) + 1;
        if (type === "mousemove" && mouse) kind._mouse += Math.hypot(screenX - mouse[0], screenY - mouse[1]);
        if (type === "scroll") {
          kind._x.push(x);
          kind._y.push(y);
          kind._scroll += Math.abs(x - scroll[0]) + Math.abs(y - scroll[1]);
        }
      });
      if (type === "mousemove") mouse = [screenX, screenY];
      scroll = [x, y];
    });
  }

  function reset(kind: Kind): void {
    const [x, y] = place();
    Object.assign(kind, { _x: [x], _y: [y], _mouse: 0, _scroll: 0, _events: {} });
  }

  function ping(kind: Kind): void {
    const { _x, _y, _mouse, _scroll, _events } = kind;
    const { callback, activityMetrics: wanted } = kind._configuration;
    const [minXOffset, maxXOffset] = [Math.min(..._x), Math.max(..._x)];
    const [minYOffset, maxYOffset] = [Math.min(..._y), Math.max(..._y)];
    const activityMetrics = {
      mouseDistance: Math.round(_mouse),
      scrollDistance: _scroll,
      keyPresses: _events["keydown"] ?? 0,
      clicks: _events["click"] ?? 0,
      touches: _events["touchstart"] ?? 0,
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
      } else log.error("activity tracking needs whole seconds");
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
