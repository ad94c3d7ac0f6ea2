// JSON for reading: indented, with keys, text and other values told apart by colour.

import { h } from "./dom";
import { plainLines } from "./plain";
import { detail } from "./texts";

const MAX = 20_000;
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export function jsonView(value: unknown): HTMLElement {
  const whole = JSON.stringify(value, null, 2) ?? "null";
  const text = plainLines(whole, MAX);
  const view = h("pre", { class: "json", tabindex: 0 });
  let end = 0;
  for (const found of text.matchAll(TOKEN)) {
    view.append(text.slice(end, found.index));
    const [all, string, colon] = found;
    const kind = string === undefined ? "other" : colon === undefined ? "text" : "key";
    view.append(h("span", { class: kind }, string ?? all), colon ?? "");
    end = found.index + all.length;
  }
  view.append(text.slice(end));
  if (whole.length > MAX) {
    view.append("\n", h("em", {}, detail.longer(whole.length - MAX)));
  }
  return view;
}

/** The value of a column that holds JSON, which may come as text. */
export function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
