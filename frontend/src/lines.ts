// The lines of the list, newest first: all that there are, and those that pass the filter.

import type { Item } from "./model";

/** Something that stands between events. */
export interface Note {
  id: number;
  note: string;
}

export type Line = Item | Note;
type Test = (item: Item) => boolean;

const MAX_LINES = 100_000;
const MAX_CHARACTERS = 160_000_000;
/** So many lines go at once, because removing them one by one would copy all others each time. */
const STEP = 1_000;
const SLICE_MS = 8;

export function isItem(line: Line): line is Item {
  return !("note" in line);
}

function passes(line: Line, test: Test): boolean {
  return isItem(line) ? test(line) : true;
}

export class Lines {
  /** Everything, oldest first. */
  private all: Line[] = [];
  private characters = 0;
  /** What passes: what came since the last filtering, oldest first, and before it, newest first. */
  private fresh: Line[] = [];
  private past: Line[] = [];
  private job = 0;
  private test: Test = () => true;
  private notes = 0;

  /** `grown` is called when filtering has found more. */
  constructor(private readonly grown: () => void) {}

  /** Number of lines that pass. */
  get length(): number {
    return this.fresh.length + this.past.length;
  }

  /** Number of events that pass. */
  get events(): number {
    return this.length - this.notes;
  }

  get empty(): boolean {
    return this.all.length === 0;
  }

  /** The line at a place, counted from the newest. */
  at(index: number): Line | undefined {
    const { fresh, past } = this;
    return index < fresh.length ? fresh[fresh.length - 1 - index] : past[index - fresh.length];
  }

  /** The place of the line with this id; -1 when it does not pass. */
  indexOf(id: number): number {
    let low = 0;
    let high = this.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.at(middle)!.id;
      if (found === id) return middle;
      if (found > id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Adds lines, oldest first; how many of them pass. */
  add(lines: readonly Line[]): number {
    const before = this.fresh.length;
    for (const line of lines) {
      this.all.push(line);
      if (isItem(line)) this.characters += line.json.length;
      if (passes(line, this.test)) {
        this.fresh.push(line);
        if (!isItem(line)) this.notes += 1;
      }
    }
    const added = this.fresh.length - before;
    this.trim();
    return added;
  }

  /** Filters anew, a little at a time so that the page stays responsive. */
  filter(test: Test): void {
    clearTimeout(this.job);
    this.test = test;
    this.fresh = [];
    this.past = [];
    this.notes = 0;
    const lines = this.all.slice();
    let next = lines.length - 1;
    const some = (): void => {
      const end = performance.now() + SLICE_MS;
      const oldest = this.all[0]?.id ?? 0;
      while (next >= 0 && performance.now() < end) {
        const line = lines[next]!;
        next -= 1;
        if (line.id < oldest) next = -1;
        else if (passes(line, test)) {
          this.past.push(line);
          if (!isItem(line)) this.notes += 1;
        }
      }
      this.grown();
      if (next >= 0) this.job = window.setTimeout(some);
    };
    some();
  }

  private trim(): void {
    if (this.all.length <= MAX_LINES && this.characters <= MAX_CHARACTERS) return;
    for (const line of this.all.splice(0, STEP)) {
      if (isItem(line)) this.characters -= line.json.length;
    }
    const oldest = this.all[0]?.id ?? Infinity;
    const isGone = (line: Line | undefined): boolean => line !== undefined && line.id < oldest;
    while (isGone(this.past.at(-1))) this.forget(this.past.pop());
    const keep = this.fresh.findIndex((line) => !isGone(line));
    for (const line of this.fresh.splice(0, keep < 0 ? this.fresh.length : keep)) this.forget(line);
  }

  private forget(line: Line | undefined): void {
    if (line !== undefined && !isItem(line)) this.notes -= 1;
  }
}
