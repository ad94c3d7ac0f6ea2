// The panel with everything that is kept of one event.

import { copyButton } from "./copy";
import { byId, h } from "./dom";
import { fate } from "./identity";
import { jsonView, parsed } from "./json";
import { badge, mark, tape } from "./marks";
import type { Entry, Item } from "./model";
import { COLUMNS, isObject } from "./model";
import { plain } from "./plain";
import { eventName } from "./row";
import {
  COLUMN_MEANING,
  COLUMN_NAME,
  MODE_MEANING,
  detail as texts,
  signals,
  tape as tapeTexts,
  why,
} from "./texts";
import { full } from "./time";

const MAX_VALUE = 5_000;
const JSON_COLUMNS = ["contexts", "derived_contexts", "unstruct_event"];
const GROUPS: readonly (readonly [string, RegExp])[] = [
  [texts.groups.what, /^(event|event_(?!id|fingerprint).*|se_.*|tr_.*|ti_.*|pp_.*)$/],
  [texts.groups.page, /^(page_.*|refr_(?!domain_userid|dvce).*|mkt_.*)$/],
  [texts.groups.when, /_tstamp$/],
  [texts.groups.device, /^(useragent|br_.*|os_.*|dvce_.*|doc_.*|geo_.*|ip_.*)$/],
  [texts.groups.tracker, /^(app_id|platform|name_tracker|v_.*|event_id|txn_id)$/],
];

function section(title: string, ...children: (Node | string | false)[]): HTMLElement {
  return h("section", {}, h("h3", {}, title), ...children);
}

function identity(entry: Entry): HTMLElement {
  const rows = COLUMNS.map((column) => {
    const found = fate(entry, column);
    const reason = "why" in found ? found.why : COLUMN_MEANING[column];
    return h(
      "div",
      { class: "ledger-row" },
      h("dt", {}, COLUMN_NAME[column]),
      h("dd", {}, mark(found), h("span", { class: "quiet" }, reason)),
    );
  });
  return h("dl", { class: "ledger" }, ...rows);
}

function mode(entry: Entry): HTMLElement {
  // The identity of a failed event is not listed, so that everything is named here.
  const more = entry.redacted.filter(
    (name) => entry.failed || !COLUMNS.some((column) => column === name),
  );
  return h(
    "div",
    { class: "about-mode" },
    badge(entry.mode),
    entry.mode !== null && h("p", {}, MODE_MEANING[entry.mode]),
    entry.mode !== null &&
      h("p", { class: "quiet" }, entry.declared === null ? texts.undeclared : texts.declared(entry.declared)),
    entry.signals.length > 0 && h("p", {}, `${texts.asked}: ${signals(entry.signals)}.`),
    more.length > 0 &&
      h(
        "p",
        { class: "more" },
        `${texts.alsoRemoved}: `,
        ...more.flatMap((name) => [
          h("code", {}, plain(name, 80)),
          " ",
          tape(tapeTexts.takenOut, why.takenOut(entry.signals), "takenOut"),
          " ",
        ]),
      ),
  );
}

function shown(name: string, value: unknown): string {
  if (name.endsWith("_tstamp") && typeof value === "number") return new Date(value).toISOString();
  return plain(typeof value === "string" ? value : (JSON.stringify(value) ?? ""), MAX_VALUE);
}

function fields(entry: Entry): HTMLElement[] {
  const hidden = new Set<string>([...JSON_COLUMNS, ...COLUMNS]);
  const left = Object.entries(entry.fields).filter(([name]) => !hidden.has(name));
  const groups = new Map<string, HTMLElement[]>();
  for (const [name, value] of left) {
    const [title] = GROUPS.find(([, pattern]) => pattern.test(name)) ?? [texts.groups.other];
    const rows = groups.get(title) ?? [];
    rows.push(h("div", {}, h("dt", {}, plain(name, 80)), h("dd", {}, h("bdi", {}, shown(name, value)))));
    groups.set(title, rows);
  }
  return [...GROUPS.map(([title]) => title), texts.groups.other].flatMap((title) => {
    const rows = groups.get(title);
    return rows === undefined ? [] : [section(title, h("dl", { class: "fields" }, ...rows))];
  });
}

/** Name and version of a self-describing JSON's schema, and its vendor. */
function schemaName(schema: unknown): [string, string] {
  const found = /^iglu:([^/]+)\/([^/]+)\/[^/]+\/([0-9-]+)$/.exec(typeof schema === "string" ? schema : "");
  return found === null
    ? [plain(String(schema), 200), ""]
    : [plain(`${found[2]} ${found[3]}`, 200), plain(found[1] ?? "", 120)];
}

function selfDescribing(value: unknown): HTMLElement {
  if (!isObject(value) || !("schema" in value)) return jsonView(value);
  const [name, vendor] = schemaName(value["schema"]);
  return h(
    "div",
    { class: "entity" },
    h("h4", {}, h("bdi", {}, name), h("bdi", { class: "quiet" }, vendor)),
    jsonView(value["data"]),
  );
}

/** What an envelope of self-describing JSON holds: its `data`, one or many. */
function contents(value: unknown): unknown[] {
  const found = parsed(value);
  const data = isObject(found) ? found["data"] : found;
  return Array.isArray(data) ? data : [data];
}

function selfDescribingParts(entry: Entry): HTMLElement[] {
  const parts: HTMLElement[] = [];
  for (const [column, title] of [
    ["unstruct_event", texts.selfDescribing],
    ["contexts", texts.entities],
    ["derived_contexts", texts.derived],
  ] as const) {
    const value = entry.fields[column];
    if (value === undefined || value === null) continue;
    parts.push(section(title, ...contents(value).map(selfDescribing)));
  }
  return parts;
}

function failure(entry: Entry): HTMLElement[] {
  const problems = entry.problems.map((one) =>
    h(
      "li",
      {},
      one.where !== "" && h("code", {}, plain(one.where, 300)),
      " ",
      h("bdi", {}, plain(one.what, MAX_VALUE)),
    ),
  );
  return [
    section(
      texts.problems,
      h("p", { class: "reason" }, h("bdi", {}, plain(entry.reason, MAX_VALUE))),
      h("p", { class: "quiet" }, h("code", {}, plain(entry.failure, 120))),
      problems.length > 0 && h("ul", { class: "problems" }, ...problems),
    ),
    section(texts.payload, entry.payload === null ? texts.nothingKept : jsonView(entry.payload)),
  ];
}

/** All that is kept of an event, as sections. */
export function sections(entry: Entry): HTMLElement[] {
  return [
    section(texts.mode, mode(entry)),
    ...(entry.failed ? failure(entry) : [section(texts.identity, identity(entry))]),
    ...selfDescribingParts(entry),
    ...fields(entry),
  ];
}

export class Detail {
  private readonly panel = byId("detail");
  private readonly closeButton = h("button", { type: "button", class: "small" }, texts.close);

  constructor(private readonly closed: () => void) {
    this.closeButton.addEventListener("click", () => this.close());
  }

  get open(): boolean {
    return !this.panel.hidden;
  }

  show(item: Item, focus: boolean): void {
    const { entry } = item;
    const title = h("h2", { id: "detail-title", tabindex: -1 }, h("bdi", {}, plain(eventName(entry), 200)));
    const head = h(
      "header",
      {},
      h("div", {}, title, h("p", { class: "quiet" }, full(entry.time))),
      copyButton(() => JSON.stringify(JSON.parse(item.json), null, 2), texts.copyJson),
      this.closeButton,
    );
    const page = entry.page !== null && h("p", { class: "address" }, h("bdi", {}, plain(entry.page, MAX_VALUE)));
    this.panel.replaceChildren(head, ...(page === false ? [] : [page]), ...sections(entry));
    this.panel.scrollTop = 0;
    this.panel.hidden = false;
    document.body.classList.add("with-detail");
    if (focus) title.focus({ preventScroll: true });
  }

  close(): void {
    if (!this.open) return;
    this.panel.hidden = true;
    this.panel.replaceChildren();
    document.body.classList.remove("with-detail");
    this.closed();
  }
}
