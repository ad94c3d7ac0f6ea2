// The overview: what happened within a while, as charts and lists.

import type { Layer, Series } from "./chart";
import { Chart } from "./chart";
import { byId, h } from "./dom";
import { MODES, isObject } from "./model";
import { plain } from "./plain";
import { MODE_NAME, overview as texts } from "./texts";
import { ZONE } from "./time";

const RANGES = ["15m", "1h", "6h", "24h", "7d", "30d", "90d", "1y"] as const;
type Range = (typeof RANGES)[number];
const OFTEN_MS = 3_000;
const SELDOM_MS = 30_000;

type Row = Record<string, number>;
type Named = Record<string, string | number>;

interface Answer {
  range: Range;
  step: number;
  series: Row[];
  sessions: number;
  pages: Named[];
  referrers: Named[];
  consent: Named[];
}

const asked = new URLSearchParams(location.search).get("range");
let range: Range = RANGES.find((one) => one === asked) ?? "1h";
let timer = 0;

const byMode = new Chart(texts.byMode);
const visits = new Chart(texts.visits);
const failed = new Chart(texts.failed);

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const share = (part: number, all: number): number => (all === 0 ? 0 : (100 * part) / all);
const percent = (value: number): string => `${fine.format(value)} %`;

function csv(table: string): string {
  return `/api/overview.csv?range=${range}&table=${table}`;
}

function sum(rows: Row[], name: string): number {
  return rows.reduce((total, row) => total + (row[name] ?? 0), 0);
}

function tiles(answer: Answer): HTMLElement[] {
  const { series } = answer;
  const events = sum(series, "events");
  const broken = sum(series, "failed");
  const found: [string, string][] = [
    [whole.format(events), texts.events],
    [whole.format(sum(series, "page_views")), texts.pageViews],
    [whole.format(answer.sessions), texts.sessions],
    [percent(share(events - sum(series, "identified"), events)), texts.anonymous],
    [percent(share(broken, events + broken)), texts.failedShare],
  ];
  return found.map(([value, name]) => h("li", {}, h("b", {}, value), h("span", { class: "quiet" }, name)));
}

function bars(rows: Named[], table: string, title: string, name: string, count: string): HTMLElement {
  const most = Math.max(1, ...rows.map((row) => Number(row[count])));
  const lines = rows.map((row) => {
    const bar = h("i", { "aria-hidden": "true" });
    bar.style.width = `${(100 * Number(row[count])) / most}%`;
    const label = plain(String(row[name]), 160);
    return h(
      "tr",
      {},
      h("th", { scope: "row", title: label }, bar, h("bdi", {}, texts.choice[label] ?? label)),
      h("td", {}, whole.format(Number(row[count]))),
    );
  });
  const head = h("tr", {}, h("th", { scope: "col" }, texts.column[name]), h("th", { scope: "col" }, texts.column[count]));
  return h(
    "section",
    { class: "sheet top-list" },
    h("h2", {}, title),
    rows.length === 0
      ? h("p", { class: "quiet" }, texts.none)
      : h("table", {}, h("colgroup", {}, h("col"), h("col", { class: "number" })), h("thead", { class: "spoken" }, head), h("tbody", {}, ...lines)),
    h("p", { class: "csv" }, h("a", { href: csv(table), download: true }, texts.csv)),
  );
}

function show(answer: Answer): void {
  const { series, step } = answer;
  const times = series.map((row) => row["t"] ?? 0);
  const minutes = step / 60;
  const layer = (name: string, label: string, value: (row: Row) => number): Layer => ({
    name,
    label,
    values: series.map(value),
  });
  const chart = (kind: Series["kind"], format: Series["format"], layers: Layer[]): Series => ({
    times,
    step,
    layers,
    kind,
    format,
  });
  byId("tiles").replaceChildren(...tiles(answer));
  byMode.show(
    chart(
      "bars",
      (value) => fine.format(value),
      MODES.map((mode) => layer(mode, MODE_NAME[mode], (row) => (row[mode] ?? 0) / minutes)),
    ),
    csv("series"),
  );
  visits.show(
    chart("lines", (value) => fine.format(value), [
      layer("views", texts.pageViews, (row) => row["page_views"] ?? 0),
      layer("sessions", texts.sessions, (row) => row["sessions"] ?? 0),
    ]),
    csv("series"),
  );
  failed.show(
    chart("bars", percent, [
      layer("failed", texts.failedShare, (row) => share(row["failed"] ?? 0, (row["failed"] ?? 0) + (row["events"] ?? 0))),
    ]),
    csv("series"),
  );
  byId("lists").replaceChildren(
    bars(answer.pages, "pages", texts.pages, "page", "page_views"),
    bars(answer.referrers, "referrers", texts.referrers, "referrer", "page_views"),
    bars(answer.consent, "consent", texts.consent, "choice", "events"),
  );
}

function say(text: string): void {
  byId("note").textContent = text;
  byId("note").hidden = text === "";
}

async function load(): Promise<void> {
  clearTimeout(timer);
  const wanted = range;
  try {
    const answer = await fetch(`/api/overview?range=${wanted}`);
    const body: unknown = await answer.json();
    if (wanted !== range) return;
    if (answer.ok && isObject(body)) {
      show(body as unknown as Answer);
      say("");
    } else {
      say(answer.status === 401 ? texts.signedOut : texts.unreadable);
    }
  } catch {
    say(texts.away);
  }
  clearTimeout(timer);
  timer = window.setTimeout(() => void load(), /m$|1h/.test(range) ? OFTEN_MS : SELDOM_MS);
}

function choose(wanted: Range): void {
  range = wanted;
  history.replaceState(null, "", `?range=${wanted}`);
  mark();
  void load();
}

function mark(): void {
  for (const button of byId("ranges").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === range));
  }
}

byId("ranges").append(
  ...RANGES.map((one) => {
    const button = h("button", { type: "button", value: one }, texts.range[one]);
    button.addEventListener("click", () => choose(one));
    return button;
  }),
);
byId("charts").append(byMode.element, visits.element, failed.element);
byId("zone").textContent = ZONE;
mark();
void load();
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else void load();
});
