// Side by side: what the page sent, and what was kept of it.

import { taped } from "./address";
import type { Attempt } from "./attempt";
import { PARAMETER, REFERRER_SENT, URL_SENT } from "./attempt";
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

function keptAddress(entry: Entry, column: string, sent: string): Node {
  const kept = field(entry, column);
  return kept === null ? tape(tapeTexts.takenOut, why.takenOut(entry.signals), "takenOut") : taped(sent, kept);
}

function lines(attempt: Attempt): Line[] {
  return [
    ...COLUMNS.map((column) => ({
      name: column,
      meaning: COLUMN_MEANING[column],
      sent: sentIdentifier(attempt, column),
      kept: (entry: Entry) => mark(fate(entry, column, parameterOf(attempt, column) !== null)),
    })),
    {
      name: texts.url,
      meaning: texts.urlMeaning,
      sent: h("bdi", { class: "value address" }, URL_SENT),
      kept: (entry) => keptAddress(entry, "page_url", URL_SENT),
    },
    {
      name: texts.referrer,
      meaning: texts.referrerMeaning,
      sent: h("bdi", { class: "value address" }, REFERRER_SENT),
      kept: (entry) => keptAddress(entry, "page_referrer", REFERRER_SENT),
    },
    {
      name: texts.agent,
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
