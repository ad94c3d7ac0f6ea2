// The live page.

import { Detail } from "./detail";
import { byId } from "./dom";
import { Filters } from "./filters";
import { whitedOut } from "./identity";
import { listen } from "./keyboard";
import { fillLegend } from "./legend";
import { List } from "./list";
import type { Item } from "./model";
import type { Status } from "./stream";
import { Stream } from "./stream";
import { controls, counts, list as texts, status as statusTexts, title } from "./texts";
import { ZONE } from "./time";
import { fillWelcome } from "./welcome";

const HISTORY = 200;
const MAX_WAITING = 20_000;
const SUMMARY_MS = 3_000;

const pauseButton = byId<HTMLButtonElement>("pause");
const detail: Detail = new Detail(() => list.focusSelected());
const list: List = new List(byId("events"), (item) => detail.show(item, true));
const filters: Filters = new Filters(() => {
  list.filter(filters.test());
  render();
});
list.filter(filters.test());

let paused = false;
let connection: Status = "connecting";
let loaded = false;
let waiting: Item[] = [];
const seen = { events: 0, failed: 0, whitedOut: 0 };
const unsaid = { events: 0, failed: 0 };

function count(items: Item[]): void {
  for (const item of items) {
    const { entry } = item;
    filters.learn(item);
    seen.events += 1;
    if (entry.failed) seen.failed += 1;
    seen.whitedOut += whitedOut(entry);
  }
}

function show(items: Item[], fresh: boolean): void {
  list.add(items, fresh);
  if (!fresh) return;
  unsaid.events += items.length;
  unsaid.failed += items.filter((item) => item.entry.failed).length;
}

function setPaused(value: boolean): void {
  paused = value;
  if (!paused) {
    show(waiting, true);
    waiting = [];
  }
  render();
}

function render(): void {
  const state = paused && connection === "live" ? "paused" : connection;
  const pill = byId("status");
  pill.className = `status ${state}`;
  pill.textContent = statusTexts[state];
  pauseButton.setAttribute("aria-pressed", String(paused));
  pauseButton.textContent = !paused
    ? controls.pause
    : waiting.length > 0
      ? controls.waiting(waiting.length)
      : controls.resume;
  const numbers: [string, number, string][] = [
    ["events", seen.events, counts.events(seen.events)],
    ["failed", seen.failed, counts.failed],
    ["whited", seen.whitedOut, counts.whitedOut(seen.whitedOut)],
  ];
  for (const [name, number, words] of numbers) {
    byId(`count-${name}`).textContent = number.toLocaleString();
    byId(`words-${name}`).textContent = words;
  }
  const empty = loaded && list.empty && waiting.length === 0;
  byId("welcome").hidden = !empty;
  byId("board").hidden = list.empty && !filters.active;
  byId("nothing").hidden = list.empty || list.count > 0;
  // On a phone the legend would push the invitation out of sight.
  if (empty && innerWidth >= 720) byId<HTMLDetailsElement>("legend").open = true;
  document.title =
    paused && waiting.length > 0
      ? title.waiting(waiting.length)
      : seen.events > 0
        ? title.events(seen.events)
        : title.plain;
}

fillLegend(byId("modes"));
fillWelcome(byId("welcome"));
byId("zone").textContent = ZONE;
pauseButton.addEventListener("click", () => setPaused(!paused));
byId("clear-filter").addEventListener("click", () => filters.clear());

function step(by: number): void {
  const item = list.move(by, !detail.open);
  if (item !== null && detail.open) detail.show(item, false);
}

listen({
  next: () => step(1),
  previous: () => step(-1),
  open: () => list.openSelected(),
  close: () => detail.close(),
  pause: () => setPaused(!paused),
  filter: () => filters.focus(),
});

setInterval(() => {
  if (unsaid.events === 0) return;
  byId("summary").textContent = texts.summary(unsaid.events, unsaid.failed);
  unsaid.events = 0;
  unsaid.failed = 0;
}, SUMMARY_MS);

new Stream(
  {
    items: (items) => {
      count(items);
      if (paused) {
        waiting = [...waiting, ...items].slice(-MAX_WAITING);
      } else {
        show(items, loaded);
      }
      render();
    },
    gap: (missed) => {
      list.note(texts.missed(missed));
      render();
    },
    status: (status) => {
      connection = status;
      render();
    },
    loaded: () => {
      loaded = true;
      render();
    },
  },
  HISTORY,
).start();
