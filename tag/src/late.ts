// Traits of the device, read when an event leaves rather than when it is tracked: the first look
// at a time zone, a cookie setting or the layout of a page is dear (R113, R114).

import { attempt, doc, nav, win } from "./env";
import type { Payload } from "./types";

const size = (...sides: number[]): string => sides.map(Math.floor).join("x");

/** The inner size of the window. */
export const viewport = (): string => size(win.innerWidth, win.innerHeight);

/** The size of the document. */
export function documentSize(): string {
  const root = doc.documentElement;
  const body = doc.body ?? root;
  return size(
    Math.max(root.clientWidth, root.offsetWidth, root.scrollWidth),
    Math.max(root.clientHeight, root.offsetHeight, root.scrollHeight, body.offsetHeight, body.scrollHeight),
  );
}

export const resolution = (): string => size(screen.width, screen.height);

let zone: string | undefined;

/** The IANA time zone. */
const timeZone = (): string | undefined =>
  (zone ??= attempt(
    () =>
      (win["Temporal"]?.Now.timeZoneId() as string | undefined) ??
      new Intl.DateTimeFormat().resolvedOptions().timeZone,
  ));

/** The traits as events carry them. */
export const traits = (): Payload => ({
  cookie: +nav.cookieEnabled,
  res: resolution(),
  cd: screen.colorDepth,
  tz: timeZone(),
  vp: viewport(),
  ds: documentSize(),
});
