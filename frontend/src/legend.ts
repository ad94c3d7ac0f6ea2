// The legend: what each mode means, in one sentence.

import { h } from "./dom";
import { badge } from "./marks";
import { MODES } from "./model";
import { MODE_MEANING } from "./texts";

export function fillLegend(element: HTMLElement): void {
  element.append(...MODES.map((mode) => h("li", {}, badge(mode), h("p", {}, MODE_MEANING[mode]))));
}
