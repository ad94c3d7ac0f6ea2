// The try-it page: track an event in any mode, see what leaves, what is kept, and what stays here.

import type { Attempt, Kind, Mischief } from "./attempt";
import { APP, PAGE_URL, REFERRER, TITLE, USER, attemptOf, mischievous, requestOf } from "./attempt";
import { OPT_OUT, belongings } from "./belongings";
import { comparison } from "./compare";
import { sections } from "./detail";
import { byId, h } from "./dom";
import { jsonView } from "./json";
import { badge } from "./marks";
import type { Item, Mode } from "./model";
import { MODES, isObject } from "./model";
import type { Receipt, Strategy } from "./snowplow";
import { STRATEGIES, begin, prepare, toMode, withTracker } from "./snowplow";
import { receiptView, stateView } from "./state";
import { Stream } from "./stream";
import {
  MODE_MEANING,
  MODE_NAME,
  STRATEGY_MEANING,
  list as listTexts,
  status as statusTexts,
  tryIt as texts,
} from "./texts";

const LATE_MS = 10_000;
const LOOK_MS = 400;
const OFFICIAL = "official";

const wide = matchMedia("(min-width: 720px)").matches;
const result = byId("result");
const official = document.body.dataset["tracker"] === OFFICIAL;
const snowplow = prepare();

interface Run {
  kind: Kind;
  began: number;
  eventId: string | null;
  attempt: Attempt | null;
  answer: { status: number; ms: number; headers: [string, string][]; body: string } | null;
  error: boolean;
  dropped: boolean;
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

function story({ answer, error, dropped, item, seenMs, late }: Run): string {
  if (dropped) return texts.dropped;
  if (error) return texts.noAnswer;
  if (answer === null) return texts.sending;
  const answered = texts.answered(answer.status, answer.ms);
  if (item !== null) return `${answered}, ${texts.seen(seenMs)}.`;
  return `${answered}. ${late ? texts.late : texts.waiting}`;
}

function fold(summary: string, ...children: (Node | string)[]): HTMLElement {
  return h("details", { open: wide }, h("summary", {}, summary), ...children);
}

function head(...lines: string[]): HTMLElement {
  return h("pre", { class: "head", tabindex: 0 }, lines.join("\n"));
}

function request({ attempt, kind }: Run): HTMLElement | null {
  if (attempt === null) return null;
  const by = kind === "smuggled" || kind === "broken" ? texts.byFetch : official ? texts.byOfficial : texts.byTag;
  const headers = attempt.headers.map(([name, value]) => `${name}: ${value}`);
  const lines = [`POST ${attempt.path}`, ...headers, `(credentials: "${attempt.credentials}")`];
  return fold(texts.request, h("p", { class: "quiet" }, by), head(...lines), jsonView(attempt.body));
}

function answerView({ answer }: Run): HTMLElement | null {
  if (answer === null) return null;
  const headers = answer.headers.map(([name, value]) => `${name}: ${value}`);
  return fold(texts.answer, head(`HTTP ${answer.status}`, ...headers, "", answer.body.slice(0, 2_000)));
}

function storedView({ item }: Run): HTMLElement | null {
  if (item === null) return null;
  return item.entry.failed
    ? fold(texts.storedFailed, h("div", { class: "sections" }, ...sections(item.entry)))
    : fold(texts.stored, jsonView(JSON.parse(item.json)));
}

function render(): void {
  if (run === null) return;
  const { attempt, item, kind } = run;
  const failed = item?.entry.failed ?? false;
  const top = h(
    "header",
    {},
    h("h2", {}, texts.youSent(kindName(kind))),
    item !== null && badge(item.entry.mode, failed),
    h("p", { role: "status", class: "story" }, story(run)),
    failed && h("p", { class: "reason" }, `${texts.failedEvent}: ${item?.entry.reason ?? ""}`),
    item !== null && h("p", {}, h("a", { href: "/" }, texts.openLive)),
  );
  const raw = [request(run), answerView(run), storedView(run)].filter((one) => one !== null);
  const table = attempt === null || failed ? [] : [comparison(attempt, item?.entry ?? null)];
  result.replaceChildren(top, ...table, h("div", { class: "raw" }, ...raw));
  result.hidden = false;
}

function newRun(kind: Kind): Run {
  const current: Run = {
    kind,
    began: performance.now(),
    eventId: null,
    attempt: null,
    answer: null,
    error: false,
    dropped: false,
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
  return current;
}

/** Sends a request and notes what it says, and what it is answered. */
async function watched(request: Request): Promise<Response> {
  const current = run;
  const copy = request.clone();
  const answering = fetch(request);
  const text = await copy.text();
  if (current?.eventId != null) current.attempt ??= attemptOf(copy, text, current.eventId);
  const ours = current?.attempt != null && text.includes(current.attempt.eventId);
  try {
    const answer = await answering;
    if (ours) {
      current.error = false;
      current.answer = {
        status: answer.status,
        ms: Math.round(performance.now() - current.began),
        headers: [...answer.headers],
        body: await answer.clone().text(),
      };
    }
    return answer;
  } catch (error) {
    if (ours) current.error = true;
    throw error;
  } finally {
    if (run === current) render();
  }
}

const strategy = (): Strategy => {
  const chosen = document.querySelector<HTMLInputElement>("input[name=strategy]:checked")?.value;
  return STRATEGIES.find((one) => one === chosen) ?? "none";
};

function track(mode: Mode): void {
  const current = newRun(mode);
  toMode(snowplow, mode, strategy());
  snowplow("setUserId", USER);
  snowplow("trackPageView", { title: TITLE });
  withTracker(snowplow, () => {
    current.dropped = current.eventId === null;
    render();
    showState();
  });
}

function misbehave(kind: Mischief): void {
  const current = newRun(kind);
  current.attempt = mischievous(kind);
  current.eventId = current.attempt.eventId;
  watched(requestOf(current.attempt)).catch(() => undefined);
}

let shown = "";

function showState(): void {
  withTracker(snowplow, (tracker) => {
    const state = tracker.getPrivacyState?.() ?? null;
    const text = JSON.stringify(state ?? belongings());
    if (text === shown) return;
    shown = text;
    byId("state").replaceChildren(...stateView(state));
  });
}

byId("clear").addEventListener("click", () => {
  withTracker(snowplow, (tracker) => {
    let receipt: Receipt | null = null;
    const show = (expired: boolean | null): void => {
      byId("receipt").replaceChildren(receiptView(receipt, expired));
    };
    receipt = tracker.clearUserData({ onCollectorAnswer: show }) ?? null;
    show(null);
    showState();
  });
});

/** Whether an entry is what became of this run; a failed one may have lost its id. */
function belongs({ entry }: Item, { eventId, kind }: Run): boolean {
  if (entry.eventId !== null) return entry.eventId === eventId;
  return entry.failed && kind === "broken" && (entry.app === null || entry.app === APP);
}

function take(items: Item[]): void {
  const current = run;
  if (current === null || current.item !== null) return;
  const found = items.find((item) => belongs(item, current));
  if (found === undefined) return;
  current.item = found;
  current.seenMs = Math.round(performance.now() - current.began);
  render();
}

function choice(mode: Mode): HTMLElement {
  const meaning = h("span", { class: "meaning" }, MODE_MEANING[mode]);
  const element = h("button", { type: "button", class: "choice", "data-kind": mode }, badge(mode), meaning);
  element.addEventListener("click", () => track(mode));
  return h("li", {}, element);
}

byId("modes").append(...MODES.map(choice));
byId("strategies").append(
  ...STRATEGIES.map((name, index) =>
    h(
      "label",
      {},
      h("input", { type: "radio", name: "strategy", value: name, checked: index === 0 }),
      h("code", {}, name),
      h("span", { class: "quiet" }, STRATEGY_MEANING[name]),
    ),
  ),
);
for (const kind of ["smuggled", "broken"] as const) {
  byId(`try-${kind}`).addEventListener("click", () => misbehave(kind));
}
byId("trackers").hidden = document.body.dataset["official"] === "";
byId(official ? "by-official" : "by-tag").setAttribute("aria-current", "true");
byId("who").textContent = official ? texts.whoOfficial : texts.whoTag;

begin(snowplow, {
  appId: APP,
  anonymousTracking: { withServerAnonymisation: true },
  stateStorageStrategy: "none",
  encodeBase64: false,
  optOutCookie: OPT_OUT,
  customFetch: watched,
  ...(!official && { whiteoutCollector: true }),
});
snowplow("setCustomUrl", PAGE_URL);
snowplow("setReferrerUrl", REFERRER);
snowplow(
  "addPlugin",
  {
    watcher: () => ({
      afterTrack: (payload: unknown) => {
        if (run !== null && isObject(payload)) run.eventId ??= String(payload["eid"]);
      },
    }),
  },
  "watcher",
);
showState();
setInterval(() => {
  if (!document.hidden) showState();
}, LOOK_MS);

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
