// The visitor's eye: what this browser holds for this site, what it tells, what an event would carry.

import type { Belonging } from "./belongings";
import { OPT_OUT, belongings, lifetime, meaning, optOut, reading } from "./belongings";
import { byId, h } from "./dom";
import { forbids } from "./identity";
import { badge, tape } from "./marks";
import type { Column, Mode } from "./model";
import { MODES, isObject } from "./model";
import { plain } from "./plain";
import { begin, prepare, withTracker } from "./snowplow";
import { receiptView } from "./state";
import {
  COLUMN_MEANING,
  COLUMN_NAME,
  belongings as areaTexts,
  tape as tapeTexts,
  visitor as texts,
  why,
} from "./texts";

const LOOK_MS = 700;
const SESSION_COOKIE = /whiteout_session$/;

interface Told {
  address: string | null;
  cookies: string[];
  headers: Record<string, string>;
}

let told: Told = { address: null, cookies: [], headers: {} };
let shown = "";

function card(name: string, place: string, words: string, ...more: (Node | false | null)[]): HTMLElement {
  return h(
    "li",
    { class: "holding" },
    h("code", {}, plain(name, 120)),
    " ",
    h("span", { class: "place" }, place),
    h("p", {}, words),
    ...more,
  );
}

function facts(pairs: [string, string][]): HTMLElement {
  const rows = pairs.map(([name, value]) =>
    h("div", {}, h("dt", {}, name), h("dd", {}, h("bdi", {}, plain(value, 300)))),
  );
  return h("dl", { class: "facts" }, ...rows);
}

function holding(one: Belonging): HTMLElement {
  const life = lifetime(one.name);
  const words = reading(one);
  const lines = words.length > 0 ? words : ([[texts.says, one.value]] as [string, string][]);
  return card(
    one.name,
    areaTexts.area[one.area],
    meaning(one.name) ?? texts.unknown,
    facts(life === null ? lines : [...lines, [texts.lives, life]]),
  );
}

/** Cookies that came with a request, but that no script can see. */
function closed(found: readonly Belonging[]): string[] {
  const seen = new Set(found.map(({ name }) => name));
  return told.cookies.filter((name) => !seen.has(name));
}

function showHeld(found: readonly Belonging[]): void {
  const rows = [
    ...found.map(holding),
    ...closed(found).map((name) =>
      card(name, texts.serverOnly, SESSION_COOKIE.test(name) ? texts.ofSession : texts.ofCollector),
    ),
  ];
  byId("held").replaceChildren(
    rows.length > 0 ? h("ul", {}, ...rows) : h("p", { class: "quiet" }, texts.nothingHeld),
  );
}

function showTold(): void {
  const pairs = Object.entries({ address: told.address ?? "–", ...told.headers }).map(
    ([name, value]): [string, string] => [texts.facts[name] ?? name, value],
  );
  const silent = !("sec-gpc" in told.headers) && !("dnt" in told.headers);
  byId("told").replaceChildren(facts(pairs), silent ? h("p", { class: "quiet" }, texts.noSignals) : "");
}

/** The mode that the collector holds an event to when Global Privacy Control came with it. */
const UNDER_GPC: Record<Mode, Mode> = {
  identified: "server_anonymous",
  anonymous: "server_anonymous",
  anonymous_session: "server_anonymous_session",
  server_anonymous: "server_anonymous",
  server_anonymous_session: "server_anonymous_session",
};

function stored(found: readonly Belonging[], key: RegExp): string[] | null {
  const value = found.find(({ name }) => key.test(name))?.value;
  return value === undefined ? null : value.split(".");
}

function next(found: readonly Belonging[], mode: Mode): Record<Column, string> {
  const id = stored(found, /^_sp_id\.[0-9a-f]{4}$/);
  const going = stored(found, /^_sp_ses\.[0-9a-f]{4}$/) !== null;
  const session = mode === "identified" ? (going ? id : null) : stored(found, /^_sp_as\.[0-9a-f]{4}$/);
  const visits = Number(id?.[2] ?? 0) + (going ? 0 : 1);
  return {
    user_id: texts.siteSets,
    domain_userid: id?.[0] || texts.fresh,
    domain_sessionid: session?.[5] || texts.fresh,
    domain_sessionidx: mode === "identified" && Number.isFinite(visits) ? String(visits) : texts.first,
    network_userid: closed(found).some((name) => !SESSION_COOKIE.test(name)) ? texts.cookie : texts.newCookie,
    user_ipaddress: texts.truncated,
  };
}

function showNext(found: readonly Belonging[], out: boolean): void {
  if (out) {
    byId("next").replaceChildren(h("p", { class: "quiet" }, texts.nothingNext));
    return;
  }
  const gpc = byId<HTMLInputElement>("gpc").checked;
  const columns = Object.keys(COLUMN_NAME) as Column[];
  const rows = MODES.map((mode) => {
    const values = next(found, mode);
    const held = gpc ? UNDER_GPC[mode] : mode;
    const cells = columns.map((column) => {
      const forbidden = forbids(held, column);
      const network = column === "network_userid" || column === "user_ipaddress";
      const kind = network ? "notKept" : forbids(mode, column) ? "notSent" : "takenOut";
      const reason = kind === "takenOut" ? why.takenOut(["gpc"]) : why[kind](held);
      return h(
        "td",
        { "data-label": column },
        forbidden
          ? tape(tapeTexts[kind], reason, kind)
          : h("bdi", { class: "value", title: plain(values[column]) }, plain(values[column], 60)),
      );
    });
    return h("tr", {}, h("th", { scope: "row" }, badge(mode)), ...cells);
  });
  const head = columns.map((column) =>
    h("th", { scope: "col" }, h("code", {}, column), h("span", { class: "quiet" }, COLUMN_MEANING[column])),
  );
  byId("next").replaceChildren(
    h(
      "table",
      { class: "carries" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, texts.mode), ...head)),
      h("tbody", {}, ...rows),
    ),
  );
}

function show(): void {
  const found = belongings();
  const gpc = byId<HTMLInputElement>("gpc").checked;
  const text = JSON.stringify([found, told, gpc]);
  if (text === shown) return;
  shown = text;
  const out = found.some(({ name }) => name === OPT_OUT);
  byId("choice").textContent = out ? texts.isOut : texts.isIn;
  byId("out").textContent = out ? texts.back : texts.out;
  showHeld(found);
  showTold();
  showNext(found, out);
}

async function ask(): Promise<void> {
  try {
    const answer = await fetch("/api/visitor");
    const found: unknown = await answer.json();
    if (!answer.ok || !isObject(found) || !isObject(found["headers"])) return;
    told = {
      address: typeof found["address"] === "string" ? found["address"] : null,
      cookies: Array.isArray(found["cookies"]) ? found["cookies"].map(String) : [],
      headers: found["headers"] as Record<string, string>,
    };
    show();
  } catch {
    // The server is away: what the page sees by itself stays.
  }
}

const snowplow = prepare();
begin(snowplow, {
  appId: "your-browser",
  anonymousTracking: { withServerAnonymisation: true },
  stateStorageStrategy: "none",
  optOutCookie: OPT_OUT,
  whiteoutCollector: true,
});

byId("clear").addEventListener("click", () => {
  withTracker(snowplow, (tracker) => {
    const render = (expired: boolean | null): void => {
      byId("receipt").replaceChildren(receiptView(receipt, expired));
      void ask();
      show();
    };
    const receipt = tracker.clearUserData({ onCollectorAnswer: render }) ?? null;
    render(null);
  });
});
byId("out").addEventListener("click", () => {
  optOut(!belongings().some(({ name }) => name === OPT_OUT));
  show();
});
byId("gpc").addEventListener("change", show);

show();
void ask();
setInterval(() => {
  if (!document.hidden) show();
}, LOOK_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void ask();
});
