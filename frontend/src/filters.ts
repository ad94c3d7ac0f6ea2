// What the list shows: a text and a mode, kept in the address of the page.

import { byId } from "./dom";
import type { Item, Mode } from "./model";
import { MODES } from "./model";

const WAIT_MS = 120;

/** What a person could look for in an entry: its values, not the names of its fields. */
function values(of: unknown): string[] {
  if (typeof of !== "object" || of === null) return [String(of)];
  return Object.values(of).flatMap(values);
}

export type Choice = Mode | "failed" | "";

export class Filters {
  private readonly text = byId<HTMLInputElement>("filter-text");
  private readonly choice = byId<HTMLSelectElement>("filter-mode");
  private readonly haystacks = new WeakMap<Item, string>();

  constructor(private readonly changed: () => void) {
    const asked = new URLSearchParams(location.search);
    this.text.value = asked.get("q") ?? "";
    const choices: string[] = [...MODES, "failed"];
    const mode = asked.get("mode") ?? "";
    this.choice.value = choices.includes(mode) ? mode : "";
    let waiting = 0;
    this.text.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = window.setTimeout(() => this.apply(), WAIT_MS);
    });
    this.choice.addEventListener("change", () => this.apply());
  }

  get active(): boolean {
    return this.text.value.trim() !== "" || this.choice.value !== "";
  }

  clear(): void {
    this.text.value = "";
    this.choice.value = "";
    this.apply();
  }

  focus(): void {
    this.text.focus();
    this.text.select();
  }

  matches(item: Item): boolean {
    const choice = this.choice.value as Choice;
    if (choice === "failed" && !item.entry.failed) return false;
    if (choice !== "" && choice !== "failed") {
      if (item.entry.failed || item.entry.mode !== choice) return false;
    }
    const words = this.text.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    return words.length === 0 || words.every((word) => this.haystack(item).includes(word));
  }

  private haystack(item: Item): string {
    let found = this.haystacks.get(item);
    if (found === undefined) {
      found = values(JSON.parse(item.json)).join("\n").toLowerCase();
      this.haystacks.set(item, found);
    }
    return found;
  }

  private apply(): void {
    const asked = new URLSearchParams(location.search);
    for (const [name, value] of [
      ["q", this.text.value.trim()],
      ["mode", this.choice.value],
    ] as const) {
      asked.delete(name);
      if (value !== "") asked.append(name, value);
    }
    const query = asked.toString();
    history.replaceState(null, "", query === "" ? location.pathname : `?${query}`);
    this.changed();
  }
}
