// The live stream beside the demo shop: what became of the events of this shop, as they arrive.

import { byId, h } from "./dom";
import { SHOWN, fate } from "./identity";
import { badge, mark } from "./marks";
import type { Item } from "./model";
import { plain } from "./plain";
import { eventName } from "./row";
import { Stream } from "./stream";
import { COLUMN_NAME, dock as texts, status as statusTexts } from "./texts";
import { clock } from "./time";

const HISTORY = 60;
const MOST = 25;

function card(item: Item, fresh: boolean): HTMLElement {
  const { entry } = item;
  const identifiers = SHOWN.map((column) =>
    h("div", { class: "id" }, h("dt", {}, COLUMN_NAME[column]), h("dd", {}, mark(fate(entry, column), true))),
  );
  return h(
    "li",
    { class: `docked${fresh ? " fresh" : ""}${entry.failed ? " failed" : ""}` },
    h("p", { class: "line" }, h("b", {}, h("bdi", {}, plain(eventName(entry), 60))), h("time", {}, clock(entry.time))),
    badge(entry.mode, entry.failed),
    entry.failed ? h("p", {}, h("bdi", {}, plain(entry.reason, 200))) : h("dl", {}, ...identifiers),
  );
}

/** Begins to show the events of an application. */
export function startDock(app: string): void {
  const list = byId("docked");
  let loaded = false;
  new Stream(
    {
      items: (items) => {
        const cards = items
          .filter((item) => item.app === app)
          .slice(-MOST)
          .map((item) => card(item, loaded));
        list.prepend(...cards.reverse());
        while (list.children.length > MOST) list.lastElementChild?.remove();
        byId("docked-none").hidden = list.children.length > 0;
      },
      gap: () => undefined,
      status: (status) => {
        byId("status").className = `status ${status}`;
        byId("status").textContent = statusTexts[status];
      },
      loaded: () => {
        loaded = true;
      },
    },
    HISTORY,
  ).start();
  byId("docked-none").textContent = texts.none;
}
