// Clicks on links.

import type { BrowserTracker, CommonEventProperties } from "../types";
import { accepts, classes, dynamic, listeners, pick, send } from "./sending";

type Link = HTMLAnchorElement | HTMLAreaElement;

interface Configuration {
  options?: Parameters<typeof accepts<Link>>[0];
  pseudoClicks?: boolean;
  trackContent?: boolean;
  context?: unknown[];
}

type Click = CommonEventProperties & { element?: Link; trackContent?: boolean; [member: string]: unknown };

const contents: Record<string, boolean | undefined> = {};

export function trackLinkClick(trackers: BrowserTracker[], event: Click): void {
  const { element } = event;
  for (const tracker of trackers) {
    let data = pick(event, "targetUrl elementId elementClasses elementTarget elementContent");
    if (element) {
      if (/^(javascript|vbscript|jscript|mocha|livescript|ecmascript):/i.test(element.href)) continue;
      data = {
        targetUrl: element.href || "about:invalid",
        elementId: element.id,
        elementClasses: classes(element),
        elementTarget: element.target,
        elementContent: (event.trackContent ?? contents[tracker.id]) ? element.innerHTML : null,
      };
    }
    send([tracker], "link_click", data, event, { version: "1-0-1" });
  }
}

const { on, off } = listeners();

export function enableLinkClickTracking(trackers: BrowserTracker[], configuration?: Configuration): void {
  const { options, pseudoClicks, trackContent, context } = configuration ?? {};
  const accepted = accepts(options, classes);
  off(trackers);
  for (const tracker of trackers) {
    let pressed: [Element, number] | undefined;
    contents[tracker.id] = trackContent;
    const clicked = (link: Link): void => {
      if (accepted(link)) trackLinkClick([tracker], { element: link, context: dynamic(context, link) });
    };
    const linkOf = ({ composed, target, composedPath }: MouseEvent, event: MouseEvent): Link | null =>
      ((composed ? composedPath.call(event)[0] : target) as Element).closest?.("a, area") as Link | null;
    if (!pseudoClicks) {
      on(tracker, window, "click", (event: MouseEvent) => {
        const link = linkOf(event, event);
        if (link) clicked(link);
      });
      continue;
    }
    // Some browsers make no click of the middle button; what is pressed and released counts.
    on(tracker, window, "mousedown", (event: MouseEvent) => {
      const link = linkOf(event, event);
      pressed = link && event.button < 2 ? [link, event.button] : undefined;
    });
    on(tracker, window, "mouseup", (event: MouseEvent) => {
      const link = linkOf(event, event);
      if (link && pressed?.[0] === link && pressed[1] === event.button) clicked(link);
      pressed = undefined;
    });
  }
}

export const disableLinkClickTracking = off;

/** Links that come later are seen anyway. */
export const refreshLinkClickTracking = (): void => undefined;
