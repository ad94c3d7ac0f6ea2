// Every text that a person reads, in one place.

import type { Column, Mode } from "./model";

export const MODE_NAME: Record<Mode, string> = {
  identified: "identified",
  anonymous: "anonymous",
  anonymous_session: "anonymous + session",
  server_anonymous: "server anonymous",
  server_anonymous_session: "server anonymous + session",
};

export const MODE_MEANING: Record<Mode, string> = {
  identified:
    "The page says who is visiting: user, browser and visit are told apart, and the collector keeps its cookie and the address.",
  anonymous:
    "The page names nobody and no visit. The collector still keeps its own cookie and the address.",
  anonymous_session:
    "The visit has an id, the visitor has none. The collector still keeps its own cookie and the address.",
  server_anonymous:
    "The page names nobody and no visit, and the collector keeps neither cookie nor address.",
  server_anonymous_session:
    "Only the visit has an id. The collector keeps neither cookie nor address.",
};

export const COLUMN_NAME: Record<Column, string> = {
  user_id: "user_id",
  domain_userid: "domain_userid",
  domain_sessionid: "domain_sessionid",
  domain_sessionidx: "domain_sessionidx",
  network_userid: "network_userid",
  user_ipaddress: "user_ipaddress",
};

export const COLUMN_MEANING: Record<Column, string> = {
  user_id: "who the site says it is",
  domain_userid: "this browser, on this site",
  domain_sessionid: "this visit",
  domain_sessionidx: "number of the visit",
  network_userid: "the collector’s cookie",
  user_ipaddress: "network address",
};

export const FAILED = "failed";
export const UNKNOWN_MODE = "mode not known";

const SIGNAL: Record<string, string> = {
  "sp-anonymous": "the page asked for it (SP-Anonymous header)",
  path: "the page asked for it (path /anonymous/)",
  gpc: "the browser sends Global Privacy Control",
  dnt: "the browser sends Do Not Track",
  policy: "this collector anonymises every event",
};

export function signals(found: readonly string[]): string {
  return found.map((name) => SIGNAL[name] ?? name).join("; ");
}

function because(found: readonly string[]): string {
  return found.length > 0 ? `, because ${signals(found)}` : "";
}

export const why = {
  takenOut: (found: readonly string[]) =>
    `removed: the collector took it out before anything was written${because(found)}`,
  unread: (found: readonly string[]) =>
    `removed: the collector neither reads nor keeps it${because(found)}`,
  notSent: (mode: Mode) => `removed: in ${MODE_NAME[mode]} mode the page does not send it`,
  notKept: (mode: Mode) => `removed: in ${MODE_NAME[mode]} mode the collector does not keep it`,
  leak: (mode: Mode) => `should not be here: the event is ${MODE_NAME[mode]}`,
  absent: "not set",
};

export const tape = {
  takenOut: "taken out",
  notSent: "not sent",
  notKept: "not kept",
};

export const status = {
  connecting: "connecting",
  live: "live",
  reconnecting: "reconnecting",
  paused: "paused",
  signedOut: "signed out",
  busy: "too many pages open",
};

export const counts = {
  events: (count: number) => (count === 1 ? "event" : "events"),
  failed: "failed",
  whitedOut: (count: number) => (count === 1 ? "identifier whited out" : "identifiers whited out"),
};

export const list = {
  label: "Events, newest first",
  time: "time",
  mode: "mode",
  event: "event",
  page: "page",
  visit: (index: string) => `visit ${index}`,
  visitShort: (index: string) => `#${index}`,
  noApp: "no app id",
  noPage: "no page",
  noName: "event without a name",
  where: "at",
  nothingMatches: "No event here matches the filter.",
  clearFilter: "Clear the filter",
  missed: (count: number | null) =>
    count === null
      ? "The feed was begun anew. What was before is not shown."
      : `${count} ${count === 1 ? "event" : "events"} came too fast to be shown here.`,
  summary: (events: number, failed: number) =>
    `${events} new ${events === 1 ? "event" : "events"}` + (failed > 0 ? `, ${failed} failed` : ""),
};

export const controls = {
  pause: "Pause",
  resume: "Resume",
  waiting: (count: number) => `Resume · ${count} new`,
};

export const title = {
  plain: "whiteout · live",
  events: (count: number) => `${count} ${counts.events(count)} · whiteout`,
  waiting: (count: number) => `(${count}) paused · whiteout`,
  tryIt: "Try it · whiteout",
};

export const copy = { button: "Copy", done: "Copied", failed: "Select and copy by hand" };

export const detail = {
  close: "Close",
  identity: "Who it says it is",
  mode: "Mode",
  declared: (mode: Mode) => `declared by the tracker: ${MODE_NAME[mode]}`,
  undeclared: "not declared by the tracker, told from what it sent",
  asked: "Anonymised on the server because",
  alsoRemoved: "Also taken out of the event",
  entities: "Entities",
  derived: "Added by whiteout",
  selfDescribing: "Self-describing event",
  payload: "What was received",
  problems: "What is wrong",
  nothingKept: "Nothing of the request itself was kept.",
  copyJson: "Copy as JSON",
  groups: {
    what: "What happened",
    page: "Page",
    when: "When",
    device: "Device",
    tracker: "Tracker",
    other: "Everything else",
  },
  longer: (count: number) => `… and ${count} more characters`,
};

export const tryIt = {
  title: "Send an event, see what is kept",
  lead:
    "Press a mode. This page sends one page view of a made-up shop and shows it beside what whiteout kept of it.",
  byFetch:
    "The events are sent by a plain fetch() written for this page, until whiteout’s own tag exists. The visitor is made up anew each time the page is opened, and the page stores nothing in this browser.",
  mischief: "Or try to get something past the collector",
  smuggle: "Send identifiers anyway",
  smuggleMeaning: "Every identifier there is, together with the SP-Anonymous header.",
  break: "Send a broken event",
  breakMeaning: "JSON that stops in the middle: it becomes a failed event, which says where.",
  result: "Result",
  sending: "Sending…",
  answered: (status: number, ms: number) => `Answered ${status} after ${ms} ms`,
  seen: (ms: number) => `kept and shown after ${ms} ms`,
  waiting: "waiting for it in the stream…",
  noAnswer: "No answer: is the collector running?",
  late: "It has not come through the stream within ten seconds. Is the loader running?",
  failedEvent: "It was kept as a failed event",
  youSent: (name: string) => `You sent: ${name}`,
  sentColumn: "What the page sent",
  keptColumn: "What was kept",
  nothingSent: "nothing",
  cookieSent: "the cookie, by the browser itself, if it has one",
  cookieLeftOut: "nothing: sent without cookies",
  addressSent: "every request comes from one",
  request: "The request",
  answer: "The answer",
  stored: "The stored event",
  storedFailed: "The stored failed event",
  url: "page_url",
  referrer: "page_referrer",
  agent: "useragent",
  urlMeaning: "address of the page",
  referrerMeaning: "address of the page before",
  agentMeaning: "browser and system",
  cutOut: "removed: where the server anonymises, only the path and utm_ parameters are kept",
  openLive: "See it in the live page",
  smuggled: "identifiers, sent anyway",
  broken: "a broken event",
};

export const welcome = {
  title: "Nothing has arrived yet.",
  lead:
    "Send a first event and watch what becomes of it: what the page sent, what was kept, and what was whited out on the way.",
  tryIt: "Send a first event",
  sample: [
    ["event", "page_view", ""],
    ["page", "shop.example/shoes/red", ""],
    ["user_id", "ada@shop.example", "not sent"],
    ["domain_userid", "1f0c9a52-77be-4e5e", "not sent"],
    ["network_userid", "c1b7d0f4-93a8-4c1d", "not kept"],
    ["user_ipaddress", "203.0.113.42", "not kept"],
  ] as [string, string, string][],
  tracker: "From a web page, with @snowplow/browser-tracker",
  curl: "From a terminal",
};

/** What stands in the pages from the start. */
export const page = {
  skipToEvents: "Skip to the events",
  skipToModes: "Skip to the modes",
  pages: "Pages",
  live: "Live",
  tryIt: "Try it",
  counts: "Since this page was opened",
  events: counts.events(0),
  failed: counts.failed,
  whitedOut: counts.whitedOut(0),
  legend: "What the modes mean",
  squares:
    "The five squares stand for user_id, domain_userid, the session, network_userid and the address: filled is kept, hollow is whited out. A white strip with a dark edge is something that had arrived and was taken out; a dash is something that was never set.",
  stream: "Stream",
  filter: "Filter by any text",
  mode: "Mode",
  modes: "Modes",
  allModes: "all modes",
  failedEvents: "failed events",
  keyMove: "move",
  keyOpen: "open",
  keyPause: "pause",
  keyFilter: "filter",
  zone: "times in",
};

export const signIn = {
  title: "Sign in · whiteout",
  label: "Access token",
  button: "Sign in",
  hint: "It was given to whiteout at its start, as --token or WHITEOUT_TOKEN.",
};
