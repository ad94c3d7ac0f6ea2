// The privacy desk: begins proofs, audits, erasures and expiry, and shows how they stand.

import { confirmed } from "./confirm";
import { codeBlock } from "./copy";
import { byId, h } from "./dom";
import { isObject } from "./model";
import { plain } from "./plain";
import type { Profile } from "./profiles";
import { showProfiles } from "./profiles";
import type { Short } from "./receipts";
import { showReceipts, verdict } from "./receipts";
import { desk as texts } from "./texts";
import { ZONE } from "./time";

const KINDS = ["prove", "audit", "forget", "retain"] as const;
type Kind = (typeof KINDS)[number];
const SELECTORS = ["user_id", "domain_userid", "network_userid", "session", "event"] as const;
const STOPPABLE: readonly Kind[] = ["prove", "audit"];
const OFTEN_MS = 500;
const SELDOM_MS = 5_000;
const DAY_MS = 86_400_000;

interface Job {
  kind: Kind;
  status: "running" | "done" | "failed" | "stopped" | "ended";
  began: string;
  step?: string;
  done?: number;
  total?: number;
  error?: string;
  receipt?: string;
  clean?: boolean;
}

interface State {
  jobs: Job[];
  waiting: { number: string; step: string | null; trouble: string | null }[];
  receipts: Short[];
  retention_days: number;
}

let timer = 0;
const shown: Partial<Record<Kind, string>> = {};

function say(text: string): void {
  byId("note").textContent = text;
  byId("note").hidden = text === "";
}

function formOf(kind: Kind): HTMLFormElement {
  return byId<HTMLFormElement>(`${kind}-form`);
}

async function send(path: string, body: unknown): Promise<boolean> {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const found: unknown = await answer.json();
    say(answer.ok ? "" : isObject(found) ? texts.refused(plain(String(found["error"]), 300)) : texts.away);
    return answer.ok;
  } catch {
    say(texts.away);
    return false;
  } finally {
    void look();
  }
}

function progress(job: Job): HTMLElement[] {
  const total = job.total ?? 0;
  const since = Math.max(0, Math.round((Date.now() - Date.parse(job.began)) / 1_000));
  const bar = h("progress", { "aria-label": texts.kinds[job.kind], ...(total > 0 && { max: total, value: job.done ?? 0 }) });
  const step = total > 0 ? texts.stepOf(job.step ?? "", job.done ?? 0, total) : (job.step ?? "");
  const parts: HTMLElement[] = [bar, h("p", {}, `${plain(step, 200)} `, h("span", { class: "quiet" }, texts.since(since)))];
  if (STOPPABLE.includes(job.kind)) {
    const stop = h("button", { type: "button", class: "small" }, texts.stop);
    stop.addEventListener("click", () => void send("/api/desk/stop", job.kind));
    parts.push(stop);
  } else {
    parts.push(h("p", { class: "quiet" }, texts.goesOn));
  }
  return parts;
}

function ended(job: Job): HTMLElement[] {
  if (job.status !== "done" || job.receipt === undefined) {
    const why = { failed: plain(job.error ?? "", 300), stopped: texts.stopped, ended: texts.ended, running: "", done: "" };
    return [h("p", { class: job.status === "stopped" ? "quiet" : "bad" }, why[job.status])];
  }
  const link = h("a", { href: `#receipt-${job.receipt}` }, texts.seeReceipt);
  link.addEventListener("click", () => {
    const slip = document.getElementById(`receipt-${job.receipt}`);
    if (slip instanceof HTMLDetailsElement) {
      slip.open = true;
      slip.querySelector("summary")?.focus();
    }
  });
  return [h("p", {}, verdict(job.clean === true), " ", texts.last, " ", link)];
}

function showJob(kind: Kind, job: Job | undefined): void {
  const running = job?.status === "running";
  for (const control of formOf(kind).querySelectorAll<HTMLButtonElement>("button")) control.disabled = running;
  const text = JSON.stringify(running ? [job, Math.round(Date.now() / 1_000)] : job);
  if (shown[kind] === text) return;
  shown[kind] = text;
  const place = byId(`job-${kind}`);
  const held = place.contains(document.activeElement);
  place.setAttribute("aria-busy", String(running));
  place.replaceChildren(...(job === undefined ? [] : running ? progress(job) : ended(job)));
  // The button that had the focus was made anew, or is gone.
  if (held) (place.querySelector<HTMLElement>("button, a") ?? byId(`${kind}-title`)).focus();
}

function show(state: State): void {
  for (const kind of KINDS) showJob(kind, state.jobs.find((job) => job.kind === kind));
  const mine = new Set(state.jobs.filter((job) => job.status === "running").map((job) => job.receipt));
  byId("waiting").replaceChildren(
    ...state.waiting
      .filter((one) => !mine.has(one.number))
      .map((one) => h("li", {}, texts.waits(plain(one.trouble || one.step || "", 200)))),
  );
  byId("retain-now").textContent = state.retention_days > 0 ? texts.retainNow(state.retention_days) : texts.retainNever;
  byId("no-receipts").hidden = state.receipts.length > 0;
  showReceipts(byId("receipts"), state.receipts);
}

/** Looks how things stand. */
async function look(): Promise<void> {
  clearTimeout(timer);
  let wait = SELDOM_MS;
  try {
    const answer = await fetch("/api/desk");
    const found: unknown = await answer.json();
    if (answer.ok && isObject(found)) {
      const state = found as unknown as State;
      show(state);
      if (state.jobs.some((job) => job.status === "running") || state.waiting.length > 0) wait = OFTEN_MS;
    } else {
      say(answer.status === 401 ? texts.signedOut : texts.unreadable);
    }
  } catch {
    say(texts.away);
  }
  clearTimeout(timer);
  if (!document.hidden) timer = window.setTimeout(() => void look(), wait);
}

function firstDay(days: number): string {
  return new Date(Date.now() - (days - 1) * DAY_MS).toISOString().slice(0, 10);
}

function days(): number {
  return byId<HTMLInputElement>("retain-days").valueAsNumber;
}

async function forget(): Promise<void> {
  const field = byId<HTMLInputElement>("forget-value");
  const selector = byId<HTMLSelectElement>("forget-by").value;
  const { value } = field;
  if (value.trim() === "") return;
  const sure = await confirmed({
    title: texts.forgetSure,
    text: texts.forgetSureText(selector),
    label: texts.forgetAgain,
    go: texts.forgetNow,
    answer: value,
  });
  if (sure && (await send("/api/desk/orders", { kind: "forget", selector, value, confirm: value }))) field.value = "";
}

async function retain(): Promise<void> {
  const kept = days();
  const first = firstDay(kept);
  const sure = await confirmed({
    title: texts.retainSure,
    text: texts.retainSureText(first),
    label: texts.retainAgain(first),
    go: texts.retainNowGo,
    answer: first,
  });
  if (sure) await send("/api/desk/orders", { kind: "retain", days: kept, confirm: first });
}

const ACTS: Record<Kind, () => Promise<unknown>> = {
  prove: () => {
    const running = new FormData(formOf("prove")).get("what") === "running";
    return send("/api/desk/orders", { kind: "prove", running });
  },
  audit: () => send("/api/desk/orders", { kind: "audit", full: byId<HTMLInputElement>("audit-full").checked }),
  forget,
  retain,
};

async function loadProfiles(): Promise<void> {
  const answer = await fetch("/api/desk/profiles");
  const found: unknown = await answer.json();
  if (answer.ok && Array.isArray(found)) showProfiles(byId("profile-names"), byId("profile"), found as Profile[]);
}

for (const kind of KINDS) {
  formOf(kind).addEventListener("submit", (event) => {
    event.preventDefault();
    void ACTS[kind]();
  });
}
byId("forget-by").append(...SELECTORS.map((one) => h("option", { value: one }, texts.selectors[one])));
byId("retain-days").addEventListener("input", () => {
  byId("retain-first").textContent = days() >= 1 && days() <= 36_500 ? texts.retainFirst(firstDay(days())) : "";
});
byId("opening").append(codeBlock("whiteout up --token TOKEN", texts.closedHow));
byId("zone").textContent = ZONE;
const open = document.body.dataset["open"] !== "";
byId("open").hidden = !open;
byId("leave").hidden = !open;
byId("closed").hidden = open;
if (open) {
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) void look();
  });
  void look();
  loadProfiles().catch(() => say(texts.away));
}
