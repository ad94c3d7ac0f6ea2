// The privacy state of this browser in plain words, and what clearing it removed.

import type { Area } from "./belongings";
import { AREAS, belongings, meaning } from "./belongings";
import { h } from "./dom";
import { badge, tape } from "./marks";
import { MODES } from "./model";
import type { PrivacyState, Receipt } from "./snowplow";
import { plain } from "./plain";
import { COLUMN_MEANING, belongings as areaTexts, state as texts, tape as tapeTexts } from "./texts";

const IDENTIFIERS = ["user_id", "domain_userid", "domain_sessionid", "domain_sessionidx"] as const;

type Stored = Record<Area, string[]>;

function part(title: string, ...children: (Node | string | false | null)[]): HTMLElement {
  return h("section", {}, h("h3", {}, title), ...children);
}

function names(found: readonly string[]): HTMLElement {
  const items = found.map((name) => h("li", {}, h("code", {}, plain(name, 120))));
  return h("ul", { class: "names" }, ...items);
}

function carried(state: PrivacyState): HTMLElement {
  const rows = IDENTIFIERS.map((name) =>
    h(
      "li",
      { class: "carried" },
      h("code", {}, name),
      state.sent.includes(name)
        ? h("span", { class: "quiet" }, COLUMN_MEANING[name])
        : tape(tapeTexts.notSent, state.memory.includes(name) ? texts.heldBack : texts.notThere),
    ),
  );
  return h("ul", {}, ...rows);
}

/** Keys by where they are, each with what it is for. */
export function storedView(stored: Stored): HTMLElement {
  const rows = AREAS.flatMap((area) =>
    stored[area].map((name) =>
      h(
        "li",
        { class: "stored" },
        h("code", {}, plain(name, 120)),
        " ",
        h("span", { class: "place" }, areaTexts.area[area]),
        h("p", { class: "quiet" }, meaning(name) ?? areaTexts.foreign),
      ),
    ),
  );
  return rows.length > 0 ? h("ul", {}, ...rows) : h("p", { class: "quiet" }, texts.nothing);
}

/** What a page can see for itself where the tracker tells nothing. */
function visible(): Stored {
  const found: Stored = { cookies: [], localStorage: [], sessionStorage: [] };
  for (const { area, name } of belongings()) if (meaning(name) !== null) found[area].push(name);
  return found;
}

/** The state as the tracker tells it; null when it cannot. */
export function stateView(state: PrivacyState | null): HTMLElement[] {
  if (state === null) {
    return [h("p", { class: "quiet" }, texts.untold), part(texts.stored, storedView(visible()))];
  }
  const mode = MODES.find((one) => one === state.mode) ?? null;
  const why = state.signal === null ? texts.noSignal : texts.signal[state.signal] ?? state.signal;
  return [
    h(
      "div",
      { class: "now" },
      state.blocked ? h("strong", {}, texts.blocked) : badge(mode),
      h("p", { class: "quiet" }, texts.strategy, " ", h("code", {}, state.strategy), " · ", why),
    ),
    part(texts.carries, carried(state)),
    part(texts.stored, storedView(state.stored)),
    part(
      texts.memory,
      state.memory.length > 0 ? names(state.memory) : h("p", { class: "quiet" }, texts.nothing),
      state.queued > 0 && h("p", {}, texts.queued(state.queued)),
    ),
  ];
}

/** What clearing removed; `expired` tells whether the collector's cookie went, null: not known yet. */
export function receiptView(receipt: Receipt | null, expired: boolean | null): HTMLElement {
  if (receipt === null) return h("p", { class: "receipt" }, texts.cleared);
  const lines: [string, readonly string[]][] = [
    ...AREAS.map((area): [string, readonly string[]] => [areaTexts.area[area], receipt[area]]),
    [texts.fromMemory, receipt.memory],
  ];
  const rows = lines
    .filter(([, found]) => found.length > 0)
    .map(([place, found]) => h("div", {}, h("dt", {}, place), h("dd", {}, names(found))));
  const collector =
    receipt.collector === false ? texts.notAsked : expired === null ? texts.asked : expired ? texts.expired : texts.refused;
  return h(
    "div",
    { class: "receipt" },
    h("h3", {}, texts.receipt),
    rows.length > 0 ? h("dl", {}, ...rows) : h("p", {}, texts.nothingThere),
    receipt.events > 0 && h("p", {}, texts.dropped(receipt.events)),
    h("p", { class: "quiet" }, collector),
  );
}
