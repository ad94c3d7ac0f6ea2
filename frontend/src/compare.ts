// Side by side: what left the page, and what was kept of it.

import { taped } from "./address";
import type { Attempt } from "./attempt";
import { PAGE_URL, PARAMETER, REFERRER } from "./attempt";
import { h } from "./dom";
import { fate } from "./identity";
import { mark, tape } from "./marks";
import type { Column, Entry } from "./model";
import { COLUMNS } from "./model";
import { plain } from "./plain";
import { COLUMN_MEANING, tape as tapeTexts, tryIt as texts, why } from "./texts";

interface Line {
  name: string;
  meaning: string;
  sent: Node | string;
  kept: (entry: Entry) => Node | string;
}

/** The payload parameter in which an attempt carries an identifier, and its value. */
function parameterOf(attempt: Attempt, column: Column): [string, string] | null {
  const name = PARAMETER[column];
  const value = attempt.event[name];
  return value === undefined ? null : [name, value];
}

function sentIdentifier(attempt: Attempt, column: Column): Node | string {
  const parameter = parameterOf(attempt, column);
  if (parameter !== null) {
    const [name, value] = parameter;
    return h("span", {}, h("code", { class: "parameter" }, name), h("bdi", { class: "value" }, value));
  }
  if (column === "user_ipaddress") return h("span", { class: "quiet" }, texts.addressSent);
  if (column === "network_userid") {
    const words = attempt.credentials === "omit" ? texts.cookieLeftOut : texts.cookieSent;
    return h("span", { class: "quiet" }, words);
  }
  return h("span", { class: "quiet" }, texts.nothingSent);
}

function field(entry: Entry, column: string): string | null {
  const value = entry.fields[column];
  return typeof value === "string" && value !== "" ? value : null;
}

function leftOut(kind = "inline"): HTMLElement {
  return tape(tapeTexts.notSent, texts.leftOut, `notSent ${kind}`);
}

/** An address of the made-up page: how much of it was sent, and how much kept. */
function address(attempt: Attempt, name: string, meaning: string, parameter: string, whole: string): Line {
  const sent = attempt.event[parameter];
  return {
    name,
    meaning,
    sent: sent === undefined ? leftOut("") : taped(whole, sent, () => leftOut()),
    kept: (entry) => {
      const kept = field(entry, name);
      if (kept === null) {
        return sent === undefined ? leftOut("") : tape(tapeTexts.takenOut, why.takenOut(entry.signals), "takenOut");
      }
      const cutOut = (): HTMLElement => tape(tapeTexts.takenOut, texts.cutOut, "takenOut inline");
      return taped(whole, kept, (part) => (sent?.includes(part) === true ? cutOut() : leftOut()));
    },
  };
}

function lines(attempt: Attempt): Line[] {
  return [
    ...COLUMNS.map((column) => ({
      name: column,
      meaning: COLUMN_MEANING[column],
      sent: sentIdentifier(attempt, column),
      kept: (entry: Entry) => mark(fate(entry, column, parameterOf(attempt, column) !== null)),
    })),
    address(attempt, "page_url", texts.urlMeaning, "url", PAGE_URL),
    address(attempt, "page_referrer", texts.referrerMeaning, "refr", REFERRER),
    {
      name: "useragent",
      meaning: texts.agentMeaning,
      sent: h("bdi", { class: "value agent" }, navigator.userAgent),
      kept: (entry) => {
        const kept = field(entry, "useragent");
        return kept === null
          ? tape(tapeTexts.takenOut, why.takenOut(entry.signals), "takenOut")
          : h("bdi", { class: "value agent" }, plain(kept, 500));
      },
    },
  ];
}

/** The table; `entry` is null as long as the event has not come through the stream. */
export function comparison(attempt: Attempt, entry: Entry | null): HTMLElement {
  const body = lines(attempt).map((line) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("code", {}, line.name), h("span", { class: "quiet" }, line.meaning)),
      h("td", { "data-label": texts.sentColumn }, line.sent),
      h(
        "td",
        { "data-label": texts.keptColumn, class: "kept" },
        entry === null ? h("span", { class: "pending" }) : line.kept(entry),
      ),
    ),
  );
  return h(
    "table",
    { class: entry === null ? "comparison" : "comparison fresh" },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("td", {}),
        h("th", { scope: "col" }, texts.sentColumn),
        h("th", { scope: "col" }, texts.keptColumn),
      ),
    ),
    h("tbody", {}, ...body),
  );
}
