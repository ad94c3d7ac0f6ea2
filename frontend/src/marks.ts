// The small signs of the pages: the white-out tape, the dash, and the badge of a mode.

import { h, spoken } from "./dom";
import type { Fate } from "./identity";
import { SHOWN, forbids } from "./identity";
import type { Mode } from "./model";
import { plain } from "./plain";
import { FAILED, MODE_NAME, UNKNOWN_MODE, tape as tapeTexts, why } from "./texts";

/** A strip of white-out tape; `reason` is what it says to those who ask. */
export function tape(word: string, reason: string, kind = "notSent"): HTMLElement {
  return h(
    "span",
    { class: `tape ${kind}`, title: reason },
    h("span", { "aria-hidden": "true" }, word),
    spoken(reason),
  );
}

/** An identifier as it is, whited out, or as a dash. `short` cuts long ids. */
export function mark(fate: Fate, short = false, after = ""): HTMLElement {
  switch (fate.kind) {
    case "absent":
      return h("span", { class: "absent" }, h("span", { "aria-hidden": "true" }, "–"), spoken(why.absent));
    case "kept":
      return value(fate.value, short, after);
    case "leak": {
      const shown = value(fate.value, short, after);
      shown.classList.add("leak");
      shown.title = fate.why;
      shown.append(spoken(` ${fate.why}`));
      return shown;
    }
    default:
      return tape(tapeTexts[fate.kind], fate.why, fate.kind);
  }
}

function value(text: string, short: boolean, after: string): HTMLElement {
  const isLong = short && /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(text);
  return h(
    "bdi",
    { class: "value", title: plain(text) },
    isLong ? `${text.slice(0, 8)}…` : plain(text),
    after !== "" && h("span", { class: "after" }, ` ${after}`),
  );
}

/** Five cells, one for each identifier: filled where the mode keeps it, white where it does not. */
export function glyph(mode: Mode): HTMLElement {
  return h(
    "span",
    { class: "glyph", "aria-hidden": "true" },
    ...SHOWN.map((column) => h("i", { class: forbids(mode, column) ? "out" : "in" })),
  );
}

export function badge(mode: Mode | null, failed = false): HTMLElement {
  if (failed) {
    return h("span", { class: "badge failed" }, h("span", { class: "cross", "aria-hidden": "true" }), FAILED);
  }
  if (mode === null) return h("span", { class: "badge" }, UNKNOWN_MODE);
  return h("span", { class: `badge ${mode}` }, glyph(mode), h("span", {}, MODE_NAME[mode]));
}
