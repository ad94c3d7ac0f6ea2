// What came of the work of the privacy desk: a list, and each receipt in full when it is opened.

import { h } from "./dom";
import { isObject } from "./model";
import { plain } from "./plain";
import { desk as texts } from "./texts";
import { full } from "./time";

type Json = Record<string, unknown>;

export interface Short {
  receipt: string;
  kind: string;
  by?: string;
  days_kept?: number;
  done?: string;
  clean?: boolean;
  failed?: string;
  removed?: Json;
  headline?: string;
}

const number = new Intl.NumberFormat("en");

function count(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function words(value: unknown): string {
  return typeof value === "number" ? number.format(value) : plain(String(value ?? ""), 1_000);
}

/** What came of it in one line. */
export function outcome(short: Short): string {
  if (short.headline !== undefined) return plain(short.headline, 200);
  if (short.failed !== undefined) return texts.notDone(plain(short.failed, 200));
  const removed = short.removed ?? {};
  return texts.removed(count(removed["events"]), count(removed["failed_events"]), count(removed["feed"]));
}

/** A word that says at a glance whether all is well. */
export function verdict(clean: boolean): HTMLElement {
  return h("span", { class: `verdict ${clean ? "good" : "bad"}` }, clean ? texts.clean : texts.notClean);
}

function about(short: Short): string {
  if (short.kind === "forget") return texts.forgotBy(plain(short.by ?? "", 40));
  if (short.kind === "retain") return texts.kept(short.days_kept ?? 0);
  return texts.kinds[short.kind] ?? short.kind;
}

function facts(pairs: [string, string][]): HTMLElement {
  return h("dl", { class: "facts" }, ...pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function erased(receipt: Json): HTMLElement[] {
  const search = isObject(receipt["search"]) ? receipt["search"] : {};
  const found = Array.isArray(search["found"]) ? search["found"] : [];
  const days = Array.isArray(receipt["days"]) ? receipt["days"] : [];
  const pairs: [string, string][] = [
    [texts.number, words(receipt["receipt"])],
    [texts.files, texts.filesOf(count(receipt["files"]), count(receipt["files_before"]))],
    [texts.days, days.length === 0 ? texts.noDays : texts.daysOf(days.length, words(days[0]), words(days.at(-1)))],
    [texts.covers, words(receipt["until"])],
    [texts.took, texts.seconds(count(receipt["seconds"]))],
    [texts.search, texts.searched(words(search["method"]), count(search["files"]), count(search["bytes"]) / 1e6)],
  ];
  if (count(receipt["changed"]) > 0) pairs.splice(2, 0, [texts.changed, words(receipt["changed"])]);
  if (count(search["spared"]) > 0) pairs.push([texts.spared, words(search["spared"])]);
  return [
    facts(pairs),
    ...(found.length === 0
      ? []
      : [h("p", { class: "bad" }, texts.stillThere), h("ul", {}, ...found.map((one) => h("li", {}, h("code", {}, words(one)))))]),
    ...(search["later"] === true ? [h("p", {}, texts.later)] : []),
  ];
}

function table(one: Json): HTMLElement {
  const columns = Array.isArray(one["columns"]) ? one["columns"] : [];
  const rows = Array.isArray(one["rows"]) ? one["rows"].filter(Array.isArray) : [];
  const head = h("tr", {}, ...columns.map((name) => h("th", { scope: "col" }, words(name))));
  const lines = rows.map((row) => h("tr", {}, ...row.map((cell) => h("td", {}, words(cell)))));
  const title = h("summary", {}, words(one["title"]), " ", h("span", { class: "quiet" }, number.format(rows.length)));
  return h(
    "details",
    { open: one["bad"] === true && rows.length > 0 },
    title,
    typeof one["note"] === "string" && h("p", { class: "quiet" }, words(one["note"])),
    rows.length === 0
      ? h("p", { class: "quiet" }, texts.none)
      : h(
          "div",
          { class: "scroll", tabindex: 0, role: "region", "aria-label": words(one["title"]) },
          h("table", {}, h("thead", {}, head), h("tbody", {}, ...lines)),
        ),
  );
}

function reported(report: Json): HTMLElement[] {
  const pairs = (Array.isArray(report["facts"]) ? report["facts"] : []).filter(Array.isArray);
  const limits = Array.isArray(report["limits"]) ? report["limits"] : [];
  return [
    facts(pairs.map(([name, value]) => [words(name), words(value)])),
    ...objects(report["tables"]).map(table),
    h("details", {}, h("summary", {}, texts.limits), h("ul", { class: "limits" }, ...limits.map((one) => h("li", {}, words(one))))),
  ];
}

async function fill(body: HTMLElement, short: Short): Promise<void> {
  const path = `/api/desk/receipts/${short.receipt}`;
  try {
    const answer = await fetch(`${path}.json`);
    const found: unknown = await answer.json();
    if (!answer.ok || !isObject(found)) throw new Error("no receipt");
    const report = found["report"];
    const links = h(
      "p",
      { class: "csv" },
      h("a", { href: `${path}.json?download`, download: true }, texts.asJson),
      isObject(report) && " · ",
      isObject(report) && h("a", { href: `${path}.html`, download: true }, texts.asPage),
    );
    body.replaceChildren(...(isObject(report) ? reported(report) : erased(found)), links);
  } catch {
    body.replaceChildren(h("p", {}, texts.away));
  }
}

function card(short: Short): HTMLElement {
  const done = new Date(short.done ?? "");
  const body = h("div", { class: "whole" });
  const element = h(
    "details",
    { class: "slip", id: `receipt-${short.receipt}` },
    h(
      "summary",
      {},
      verdict(short.clean === true),
      h("b", {}, about(short)),
      h("span", { class: "outcome" }, outcome(short)),
      h("time", { datetime: short.done }, Number.isNaN(done.getTime()) ? "" : full(done)),
    ),
    body,
  );
  element.addEventListener("toggle", () => {
    if (element.open && body.childElementCount === 0) void fill(body, short);
  });
  return element;
}

/** Shows receipts, the newest first; those that are there already stay as they are. */
export function showReceipts(list: HTMLElement, receipts: readonly Short[]): void {
  const there = new Map([...list.children].map((one) => [one.id, one]));
  const wanted = receipts.map((one) => there.get(`receipt-${one.receipt}`) ?? card(one));
  const same = wanted.length === list.childElementCount && wanted.every((one, at) => one === list.children[at]);
  if (!same) list.replaceChildren(...wanted);
}
