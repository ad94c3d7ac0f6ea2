// The list of events, newest first. Only the rows in sight, and some around them, are elements.

import { h } from "./dom";
import { Lines, isItem } from "./lines";
import type { Line } from "./lines";
import type { Item } from "./model";
import { row } from "./row";
import { list as texts } from "./texts";

/** Rows above and below what is in sight. */
const AROUND = 8;
/** More rows than these at once are not shown off one by one. */
const MOST_ANIMATED = 12;
/** After showing new rows, rest so many times as long as that took. */
const REST = 4;
/** What covers the top of the list: the names of the columns. */
const COVER = 40;

export class List {
  private readonly lines = new Lines(() => this.render());
  private readonly rows = new Map<number, HTMLElement>();
  private fresh = new Set<number>();
  private selectedId: number | null = null;
  private newest = 0;
  private frame = 0;
  private waiting = 0;
  private notBefore = 0;
  private added = 0;

  constructor(
    private readonly element: HTMLElement,
    private readonly open: (item: Item) => void,
  ) {
    element.setAttribute("aria-label", texts.label);
    element.addEventListener("click", (event) => {
      const target = event.target instanceof Element ? event.target.closest(".row") : null;
      if (target instanceof HTMLElement && String(getSelection()) === "") {
        this.select(Number(target.dataset["id"]));
        this.openSelected();
      }
    });
    element.addEventListener("focusin", (event) => {
      const { target } = event;
      if (target instanceof HTMLElement && target.matches(".row")) this.select(Number(target.dataset["id"]));
    });
    const later = (): void => {
      if (this.frame === 0) this.frame = requestAnimationFrame(() => this.render());
    };
    addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later);
    new ResizeObserver(later).observe(element);
  }

  get empty(): boolean {
    return this.lines.empty;
  }

  /** Number of events that the list shows. */
  get count(): number {
    return this.lines.events;
  }

  /** Adds items, oldest first, above what is there. */
  add(items: Item[], fresh: boolean): void {
    this.newest = items.at(-1)?.id ?? this.newest;
    this.fresh = new Set(fresh && items.length <= MOST_ANIMATED ? items.map((item) => item.id) : []);
    this.insert(items);
  }

  /** Shows a line where entries were missed. */
  note(text: string): void {
    // Behind the newest event, before the next one.
    this.newest += 0.001;
    this.insert([{ id: this.newest, note: text }]);
  }

  /** Shows what passes a test. */
  filter(test: (item: Item) => boolean): void {
    this.lines.filter(test);
  }

  /** Goes up or down by `step` rows; focuses the row when `focus` is set. */
  move(step: number, focus: boolean): Item | null {
    const at = this.selectedId === null ? -1 : this.lines.indexOf(this.selectedId);
    let next = at < 0 ? 0 : at + step;
    // Notes cannot be opened.
    while (this.lines.at(next) !== undefined && !isItem(this.lines.at(next)!)) next += Math.sign(step);
    const line = this.lines.at(next);
    if (line === undefined) return this.selected;
    this.select(line.id);
    this.bringIntoSight(next);
    this.render();
    if (focus) this.rows.get(line.id)?.focus({ preventScroll: true });
    return this.selected;
  }

  get selected(): Item | null {
    const line = this.selectedId === null ? undefined : this.lines.at(this.lines.indexOf(this.selectedId));
    return line !== undefined && isItem(line) ? line : null;
  }

  openSelected(): void {
    const { selected } = this;
    if (selected !== null) this.open(selected);
  }

  focusSelected(): void {
    const found = this.selectedId === null ? undefined : this.rows.get(this.selectedId);
    (found ?? this.element).focus({ preventScroll: true });
  }

  /** Puts the rows into the page that are in sight now. */
  render(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { lines, element } = this;
    element.dataset["count"] = String(lines.events);
    const height = this.height;
    const { top } = element.getBoundingClientRect();
    const within = (place: number): number => Math.max(0, Math.min(lines.length, place));
    const from = within(Math.floor(-top / height) - AROUND);
    const to = Math.max(from, within(Math.ceil((innerHeight - top) / height) + AROUND));
    element.style.paddingTop = `${from * height}px`;
    element.style.paddingBottom = `${(lines.length - to) * height}px`;
    const wanted: [HTMLElement, number][] = [];
    const ids = new Set<number>();
    for (let index = from; index < to; index += 1) {
      const line = lines.at(index)!;
      ids.add(line.id);
      wanted.push([this.rowOf(line), index]);
    }
    for (const [id, shown] of this.rows) {
      if (ids.has(id)) continue;
      shown.remove();
      this.rows.delete(id);
    }
    // What is there stays where it is: moving it would take the focus away.
    let next = element.firstChild;
    for (const [shown, index] of wanted) {
      if (shown === next) next = shown.nextSibling;
      else element.insertBefore(shown, next);
      shown.setAttribute("aria-posinset", String(index + 1));
      shown.setAttribute("aria-setsize", String(lines.length));
    }
    this.keepOneTabStop();
  }

  private get height(): number {
    return parseFloat(getComputedStyle(this.element).getPropertyValue("--row")) || 60;
  }

  private insert(lines: Line[]): void {
    this.added += this.lines.add(lines);
    const wait = this.notBefore - performance.now();
    if (wait <= 0) this.settle();
    else if (this.waiting === 0) this.waiting = window.setTimeout(() => this.settle(), wait);
  }

  /** Shows what was added; in a flood of events seldom enough that the page stays responsive. */
  private settle(): void {
    clearTimeout(this.waiting);
    this.waiting = 0;
    const began = performance.now();
    const { top } = this.element.getBoundingClientRect();
    this.render();
    // Who reads further down keeps the row before the eyes.
    if (top < 0 && this.added > 0) {
      scrollBy({ top: this.added * this.height, behavior: "instant" });
      this.render();
    }
    this.added = 0;
    const ended = performance.now();
    this.notBefore = ended + REST * (ended - began);
  }

  private rowOf(line: Line): HTMLElement {
    let found = this.rows.get(line.id);
    if (found === undefined) {
      found = isItem(line) ? row(line) : h("p", { class: "note", role: "note" }, line.note);
      if (this.fresh.delete(line.id)) found.classList.add("fresh");
      if (line.id === this.selectedId) found.setAttribute("aria-current", "true");
      this.rows.set(line.id, found);
    }
    return found;
  }

  private bringIntoSight(index: number): void {
    const { height } = this;
    const top = this.element.getBoundingClientRect().top + index * height;
    const by = top < COVER ? top - COVER : Math.max(0, top + height - innerHeight);
    if (by !== 0) scrollBy({ top: by, behavior: "instant" });
  }

  private select(id: number): void {
    if (this.selectedId !== null) this.rows.get(this.selectedId)?.removeAttribute("aria-current");
    this.selectedId = id;
    this.rows.get(id)?.setAttribute("aria-current", "true");
    this.keepOneTabStop();
  }

  private keepOneTabStop(): void {
    const rows = [...this.element.querySelectorAll<HTMLElement>(".row")];
    const stop = rows.find((one) => one.getAttribute("aria-current") === "true") ?? rows[0];
    for (const one of rows) one.tabIndex = one === stop ? 0 : -1;
  }
}
