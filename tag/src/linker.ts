// Links to other sites that take the visitor along (R90-R96): only while identified, looked at when
// the link is used (W7, W9, W35, W41).

import { doc, listen, now } from "./env";
import { ANONYMOUS } from "./modes";
import { settle } from "./privacy";
import { refresh } from "./session";
import type { State } from "./state";
import { base64url } from "./text";
import type { LinkCriterion } from "./types";

type Link = HTMLAnchorElement | HTMLAreaElement;

/** A URL with `_sp` first in its query, or without `_sp`. */
function decorate(url: string, value: string | undefined): string {
  const [, bare, query, hash] = /^([^?#]*)\??([^#]*)(.*)/s.exec(url)!;
  const pairs = [value && `_sp=${value}`, ...query!.split("&").filter((pair) => !/^_sp=/.test(pair))].filter(Boolean);
  return bare + (pairs[0] ? "?" + pairs.join("&") : "") + hash;
}

/** The value of `_sp`; undefined where nothing may be told. */
function value(t: State, event: Event, link: Link): string | undefined {
  if (!settle(t) || t._level! & ANONYMOUS || !t._strategy) return undefined;
  const { useExtendedCrossDomainLinker: extended, appId, platform = "web" } = t._config;
  const [, duid, , , , , session] = refresh(t);
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
      sessionId ? session : "",
      base64url((userId && t._userId) || ""),
      base64url((sourceId && appId) || ""),
      sourcePlatform ? platform : "",
      base64url(why || ""),
    );
  }
  return parts.join(".").replace(/\.+$/, "");
}

/** Decorate the links of the page that the criterion accepts. */
export function linkCrossDomain(t: State, linked: WeakMap<Element, string>, accepts: LinkCriterion): void {
  for (const link of Array.from(doc.links) as Link[]) {
    if (linked.has(link) || !accepts(link)) continue;
    linked.set(link, "");
    listen(link, "click mousedown", (event) => {
      const given = value(t, event, link);
      const before = linked.get(link);
      // What other trackers of the page wrote there is theirs.
      if (given || (before && link.href.includes(before))) {
        link.href = decorate(link.href, given);
        linked.set(link, given ?? "");
      }
    });
  }
}
