// What the list shows: texts and choices, kept in the address of the page.

import { byId, h } from "./dom";
import type { Item } from "./model";
import { plain } from "./plain";

const WAIT_MS = 120;
const MOST_CHOICES = 200;
const FIELDS = ["q", "mode", "kind", "app", "event", "page"] as const;
type Field = (typeof FIELDS)[number];
const GROWING = ["app", "event"] as const;

/** What a person could look for in an entry: its values, not the names of its fields. */
function values(of: unknown): string[] {
  if (typeof of !== "object" || of === null) return [String(of)];
  return Object.values(of).flatMap(values);
}

/** A word that JSON writes as it is. */
const LITERAL = /^[\w.:@/=&?%+-]+$/;

function contains(item: Item, words: readonly [string, RegExp | null][]): boolean {
  if (words.some(([, quick]) => quick?.test(item.json) === false)) return false;
  const text = values(JSON.parse(item.json)).join("\n").toLowerCase();
  return words.every(([word]) => text.includes(word));
}

function escaped(word: string): string {
  return word.replace(/[.:@/=&?%+-]/g, "\\$&");
}

export class Filters {
  private readonly fields: Record<Field, HTMLInputElement | HTMLSelectElement>;
  private readonly known = { app: new Set<string>(), event: new Set<string>() };

  constructor(private readonly changed: () => void) {
    const field = (name: Field) => byId<HTMLInputElement | HTMLSelectElement>(`filter-${name}`);
    this.fields = {
      q: field("q"),
      mode: field("mode"),
      kind: field("kind"),
      app: field("app"),
      event: field("event"),
      page: field("page"),
    };
    const asked = new URLSearchParams(location.search);
    let waiting = 0;
    for (const name of FIELDS) {
      const element = this.fields[name];
      const value = asked.get(name) ?? "";
      if ((name === "app" || name === "event") && value !== "") this.offer(name, value);
      element.value = value;
      // What is no choice leaves a select without one.
      if (element instanceof HTMLSelectElement && element.selectedIndex < 0) element.value = "";
      element.addEventListener("input", () => {
        clearTimeout(waiting);
        const wait = element instanceof HTMLSelectElement ? 0 : WAIT_MS;
        waiting = window.setTimeout(() => this.apply(), wait);
      });
    }
    byId<HTMLDetailsElement>("more").open = ["kind", "app", "event", "page"].some((name) => asked.has(name));
  }

  get active(): boolean {
    return FIELDS.some((name) => this.value(name) !== "");
  }

  clear(): void {
    for (const name of FIELDS) this.fields[name].value = "";
    this.apply();
  }

  focus(): void {
    const field = this.fields.q as HTMLInputElement;
    field.focus();
    field.select();
  }

  /** Offers the application and the type of an event as choices. */
  learn(item: Item): void {
    if (item.app !== null) this.offer("app", item.app);
    if (item.name !== null) this.offer("event", item.name);
  }

  /** The test that an item has to pass, as the fields are now. */
  test(): (item: Item) => boolean {
    const [mode, kind, app, event] = (["mode", "kind", "app", "event"] as const).map((name) => this.value(name));
    const page = this.value("page").toLowerCase();
    const words = this.value("q")
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "")
      .map((word): [string, RegExp | null] => [
        word,
        LITERAL.test(word) ? new RegExp(escaped(word), "i") : null,
      ]);
    return (item) =>
      (mode === "" || (!item.failed && item.mode === mode)) &&
      (kind === "" || item.failed === (kind === "failed")) &&
      (app === "" || item.app === app) &&
      (event === "" || item.name === event) &&
      (page === "" || (item.page?.toLowerCase().includes(page) ?? false)) &&
      (words.length === 0 || contains(item, words));
  }

  private value(name: Field): string {
    return this.fields[name].value.trim();
  }

  private offer(name: (typeof GROWING)[number], value: string): void {
    const known = this.known[name];
    if (value.length > 200 || known.has(value) || known.size >= MOST_CHOICES) return;
    known.add(value);
    this.fields[name].append(h("option", { value }, plain(value, 60)));
  }

  private apply(): void {
    const asked = new URLSearchParams(location.search);
    for (const name of FIELDS) {
      asked.delete(name);
      if (this.value(name) !== "") asked.append(name, this.value(name));
    }
    const query = asked.toString();
    history.replaceState(null, "", query === "" ? location.pathname : `?${query}`);
    this.changed();
  }
}
