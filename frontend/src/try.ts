// The try-it page: send an event in any mode, see what is kept of it.

import type { Attempt, Kind } from "./attempt";
import { APP, PATH, newAttempt, newVisitor } from "./attempt";
import { comparison } from "./compare";
import { sections } from "./detail";
import { byId, h } from "./dom";
import { jsonView } from "./json";
import { badge } from "./marks";
import type { Item } from "./model";
import { MODES } from "./model";
import { Stream } from "./stream";
import { MODE_MEANING, MODE_NAME, list as listTexts, status as statusTexts, tryIt as texts } from "./texts";

const LATE_MS = 10_000;

const wide = matchMedia("(min-width: 720px)").matches;
const result = byId("result");
const visitor = newVisitor();

interface Run {
  attempt: Attempt;
  began: number;
  answer: { status: number; ms: number; headers: [string, string][]; body: string } | null;
  error: boolean;
  item: Item | null;
  seenMs: number;
  late: boolean;
}

let run: Run | null = null;

function kindName(kind: Kind): string {
  if (kind === "smuggled") return texts.smuggled;
  if (kind === "broken") return texts.broken;
  return MODE_NAME[kind];
}

function story({ answer, error, item, seenMs, late }: Run): string {
  if (error) return texts.noAnswer;
  if (answer === null) return texts.sending;
  const answered = texts.answered(answer.status, answer.ms);
  if (item !== null) return `${answered}, ${texts.seen(seenMs)}.`;
  return `${answered}. ${late ? texts.late : texts.waiting}`;
}

function request({ attempt }: Run): HTMLElement {
  const lines = [
    `POST ${PATH}`,
    ...Object.entries(attempt.headers).map(([name, value]) => `${name}: ${value}`),
    `(fetch with credentials: "${attempt.credentials}")`,
  ];
  return h(
    "details",
    { open: wide },
    h("summary", {}, texts.request),
    h("pre", { class: "head", tabindex: 0 }, lines.join("\n")),
    jsonView(attempt.body),
  );
}

function answerView({ answer }: Run): HTMLElement | null {
  if (answer === null) return null;
  const lines = [
    `HTTP ${answer.status}`,
    ...answer.headers.map(([name, value]) => `${name}: ${value}`),
    "",
    answer.body.slice(0, 2_000),
  ];
  return h(
    "details",
    { open: wide },
    h("summary", {}, texts.answer),
    h("pre", { class: "head", tabindex: 0 }, lines.join("\n")),
  );
}

function storedView({ item }: Run): HTMLElement | null {
  if (item === null) return null;
  return h(
    "details",
    { open: wide },
    h("summary", {}, item.entry.failed ? texts.storedFailed : texts.stored),
    item.entry.failed
      ? h("div", { class: "sections" }, ...sections(item.entry))
      : jsonView(JSON.parse(item.json)),
  );
}

function render(): void {
  if (run === null) return;
  const { attempt, item } = run;
  const failed = item?.entry.failed ?? false;
  const head = h(
    "header",
    {},
    h("h2", {}, texts.youSent(kindName(attempt.kind))),
    item !== null && badge(item.entry.mode, failed),
    h("p", { role: "status", class: "story" }, story(run)),
    failed && h("p", { class: "reason" }, `${texts.failedEvent}: ${item?.entry.reason ?? ""}`),
    item !== null && h("p", {}, h("a", { href: "/" }, texts.openLive)),
  );
  const raw = h("div", { class: "raw" }, request(run), answerView(run), storedView(run));
  result.replaceChildren(head, failed ? "" : comparison(attempt, item?.entry ?? null), raw);
  result.hidden = false;
}

async function send(kind: Kind): Promise<void> {
  const attempt = newAttempt(kind, visitor);
  const current: Run = {
    attempt,
    began: performance.now(),
    answer: null,
    error: false,
    item: null,
    seenMs: 0,
    late: false,
  };
  run = current;
  render();
  if (result.getBoundingClientRect().top > innerHeight / 2) result.scrollIntoView();
  setTimeout(() => {
    current.late = true;
    if (run === current && current.item === null) render();
  }, LATE_MS);
  try {
    const answer = await fetch(PATH, {
      method: "POST",
      headers: attempt.headers,
      credentials: attempt.credentials,
      body: JSON.stringify(attempt.body),
    });
    current.answer = {
      status: answer.status,
      ms: Math.round(performance.now() - current.began),
      headers: [...answer.headers],
      body: await answer.text(),
    };
  } catch {
    current.error = true;
  }
  if (run === current) render();
}

/** Whether an entry is what became of this attempt; a failed one may have lost its id. */
function belongs(item: Item, attempt: Attempt): boolean {
  const { entry } = item;
  if (entry.eventId !== null) return entry.eventId === attempt.eventId;
  return entry.failed && (entry.app === null || entry.app === APP);
}

function take(items: Item[]): void {
  if (run === null || run.item !== null) return;
  const { attempt } = run;
  const found = items.find((item) => belongs(item, attempt));
  if (found === undefined) return;
  run.item = found;
  run.seenMs = Math.round(performance.now() - run.began);
  render();
}

function button(kind: Kind, ...children: (Node | string)[]): HTMLElement {
  const element = h("button", { type: "button", class: "choice", "data-kind": kind }, ...children);
  element.addEventListener("click", () => void send(kind));
  return element;
}

byId("modes").append(
  ...MODES.map((mode) =>
    h("li", {}, button(mode, badge(mode), h("span", { class: "meaning" }, MODE_MEANING[mode]))),
  ),
);
for (const kind of ["smuggled", "broken"] as const) {
  byId(`try-${kind}`).addEventListener("click", () => void send(kind));
}

new Stream(
  {
    items: take,
    gap: (missed) => {
      byId("note").textContent = listTexts.missed(missed);
    },
    status: (status) => {
      const pill = byId("status");
      pill.className = `status ${status}`;
      pill.textContent = statusTexts[status];
    },
    loaded: () => undefined,
  },
  0,
).start();
