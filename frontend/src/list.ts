// The list of events, newest first, bounded in memory and in rows.

import { h } from "./dom";
import type { Filters } from "./filters";
import type { Item } from "./model";
import { row } from "./row";
import { list as texts } from "./texts";

const MAX_ITEMS = 1_000;
const MAX_ROWS = 500;

export class List {
  private items: Item[] = [];
  private selectedId: number | null = null;

  constructor(
    private readonly element: HTMLElement,
    private readonly filters: () => Filters,
    private readonly open: (item: Item) => void,
  ) {
    element.setAttribute("aria-label", texts.label);
    element.addEventListener("click", (event) => {
      const target = event.target instanceof Element ? event.target.closest(".row") : null;
      if (target instanceof HTMLElement && String(getSelection()) === "") {
        this.select(target);
        this.openSelected();
      }
    });
    element.addEventListener("focusin", (event) => {
      if (event.target instanceof HTMLElement && event.target.matches(".row")) this.select(event.target);
    });
  }

  get empty(): boolean {
    return this.items.length === 0;
  }

  get rows(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>(".row")];
  }

  /** Adds items, oldest first, above what is there. */
  add(items: Item[], fresh: boolean): void {
    this.items = [...[...items].reverse(), ...this.items].slice(0, MAX_ITEMS);
    const shown = items.slice(-MAX_ROWS).filter((item) => this.filters().matches(item));
    const rows = shown.reverse().map((item) => {
      const element = row(item);
      if (fresh) element.classList.add("fresh");
      return element;
    });
    this.element.prepend(...rows);
    this.trim();
    this.keepOneTabStop();
  }

  /** Shows a line where entries were missed. */
  note(text: string): void {
    this.element.prepend(h("p", { class: "note", role: "note" }, text));
    this.trim();
  }

  /** Builds the rows again, after the filters changed. */
  refresh(): void {
    const shown = this.items.filter((item) => this.filters().matches(item)).slice(0, MAX_ROWS);
    this.element.replaceChildren(...shown.map(row));
    const selected = this.rows.find((one) => one.dataset["id"] === String(this.selectedId));
    if (selected !== undefined) this.select(selected);
    this.keepOneTabStop();
  }

  /** Goes up or down by `step` rows; focuses the row when `focus` is set. */
  move(step: number, focus: boolean): Item | null {
    const rows = this.rows;
    const at = rows.findIndex((one) => one.getAttribute("aria-current") === "true");
    const next = at < 0 ? rows[0] : rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    if (next === undefined) return null;
    this.select(next);
    if (focus) next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", behavior: "instant" });
    return this.selected;
  }

  get selected(): Item | null {
    return this.items.find((item) => item.id === this.selectedId) ?? null;
  }

  openSelected(): void {
    const { selected } = this;
    if (selected !== null) this.open(selected);
  }

  focusSelected(): void {
    const found = this.rows.find((one) => one.getAttribute("aria-current") === "true");
    (found ?? this.element).focus({ preventScroll: true });
  }

  private select(target: HTMLElement): void {
    for (const one of this.element.querySelectorAll(".row[aria-current]")) {
      one.removeAttribute("aria-current");
    }
    target.setAttribute("aria-current", "true");
    this.selectedId = Number(target.dataset["id"]);
    this.keepOneTabStop();
  }

  private keepOneTabStop(): void {
    for (const one of this.element.querySelectorAll(".row[tabindex='0']")) one.setAttribute("tabindex", "-1");
    const stop =
      this.element.querySelector(".row[aria-current]") ?? this.element.querySelector(".row");
    stop?.setAttribute("tabindex", "0");
  }

  private trim(): void {
    // Notes about missed events stay as long as a row is below them, or was.
    let excess = this.element.querySelectorAll(".row").length - MAX_ROWS;
    while (excess > 0) {
      if (this.element.lastElementChild?.matches(".row")) excess -= 1;
      this.element.lastElementChild?.remove();
    }
  }
}
