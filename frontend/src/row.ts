// One event as a row of the list.

import { h } from "./dom";
import type { Fate } from "./identity";
import { SHOWN, fate } from "./identity";
import { badge, mark } from "./marks";
import type { Column, Entry, Item } from "./model";
import { plain } from "./plain";
import { COLUMN_NAME, list as texts } from "./texts";
import { clock, full } from "./time";

export function eventName(entry: Entry): string {
  return entry.name ?? (entry.failed ? entry.failure || texts.noName : texts.noName);
}

/** Host and path of an address; whatever cannot be read as an address stays as it is. */
function pageParts(page: string): [string, string] {
  const found = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^]*)$/i.exec(page);
  return found === null ? ["", page] : [found[1] ?? "", found[2] || "/"];
}

function pageCell(page: string | null): HTMLElement {
  if (page === null) return h("span", { class: "page absent" }, texts.noPage);
  const [host, path] = pageParts(page);
  return h(
    "span",
    { class: "page", title: plain(page, 1_000) },
    host !== "" && h("bdi", { class: "host" }, plain(host, 100)),
    h("bdi", { class: "path" }, plain(path)),
  );
}

function identityCell(entry: Entry, column: Column): HTMLElement {
  const index = entry.identifiers.domain_sessionidx;
  const indexKept = fate(entry, "domain_sessionidx").kind === "kept";
  const found: Fate = fate(entry, column);
  const after =
    column === "domain_sessionid" && index !== null && indexKept
      ? texts.visitShort(plain(index, 12))
      : "";
  return h(
    "div",
    { class: `id ${column}` },
    h("dt", {}, COLUMN_NAME[column]),
    h("dd", {}, mark(found, true, after)),
  );
}

function failure(entry: Entry): HTMLElement {
  const where = entry.problems.find((one) => one.where !== "")?.where;
  return h(
    "div",
    { class: "failure" },
    h("bdi", { class: "reason" }, plain(entry.reason || entry.failure)),
    where !== undefined &&
      h("span", { class: "where" }, `${texts.where} `, h("code", {}, plain(where, 120))),
    entry.redacted.length > 0 &&
      h("span", { class: "tapes" }, ...SHOWN.filter((one) => entry.redacted.includes(one)).map((column) =>
        h("span", { class: "labelled" }, COLUMN_NAME[column], mark(fate(entry, column))),
      )),
  );
}

export function row(item: Item): HTMLElement {
  const { entry } = item;
  const name = `name-${item.id}`;
  const element = h(
    "article",
    {
      class: `row${entry.failed ? " failed" : ""}`,
      id: `event-${item.id}`,
      tabindex: -1,
      "aria-labelledby": name,
    },
    h(
      "time",
      { datetime: entry.time?.toISOString(), title: full(entry.time) },
      clock(entry.time),
    ),
    h("span", { class: "mode" }, badge(entry.mode, entry.failed)),
    h(
      "span",
      { class: "event", id: name },
      h("bdi", { class: "name" }, plain(eventName(entry), 120)),
      h("bdi", { class: "app" }, entry.app === null ? texts.noApp : plain(entry.app, 80)),
    ),
    pageCell(entry.page),
    entry.failed ? failure(entry) : h("dl", {}, ...SHOWN.map((column) => identityCell(entry, column))),
  );
  element.dataset["id"] = String(item.id);
  return element;
}
