// Every text that a person reads, in one place.

import type { Column, Mode } from "./model";
import type { Strategy } from "./snowplow";

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

export const STRATEGY_MEANING: Record<Strategy, string> = {
  cookieAndLocalStorage: "ids in cookies, waiting events in local storage",
  localStorage: "ids and waiting events in local storage",
  cookie: "ids in cookies, waiting events in memory",
  none: "everything in memory, gone with the page",
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
  visitor: "Your browser · whiteout",
  overview: "Overview · whiteout",
  desk: "Privacy desk · whiteout",
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
  title: "Track an event, see what leaves and what is kept",
  lead:
    "Press a mode. The tag on this page tracks one page view of a made-up shop in it; beside what left the page stands what whiteout kept of it.",
  whoTag:
    "This is whiteout’s own tag, as any page can load it. It tracks for real: what it stores, it stores in this browser, for this site.",
  whoOfficial:
    "This is the official tracker, sending to whiteout. It tracks for real: what it stores, it stores in this browser, for this site.",
  withTag: "whiteout’s tag",
  withOfficial: "official tracker",
  strategy: "Where the tag may keep things",
  mischief: "Or try to get something past the collector",
  mischiefMeaning: "No well-behaved tag can do this, so this page sends these two by a plain fetch().",
  smuggle: "Send identifiers anyway",
  smuggleMeaning: "Every identifier there is, together with the SP-Anonymous header.",
  break: "Send a broken event",
  breakMeaning: "JSON that stops in the middle: it becomes a failed event, which says where.",
  result: "Result",
  sending: "Sending…",
  dropped: "The tag sent nothing: while tracking is off, it drops every event.",
  answered: (status: number, ms: number) => `Answered ${status} after ${ms} ms`,
  seen: (ms: number) => `kept and shown after ${ms} ms`,
  waiting: "waiting for it in the stream…",
  noAnswer: "No answer: is the collector running?",
  late: "It has not come through the stream within ten seconds. Is the loader running?",
  failedEvent: "It was kept as a failed event",
  youSent: (name: string) => `You sent: ${name}`,
  sentColumn: "What left the page",
  keptColumn: "What was kept",
  nothingSent: "nothing",
  cookieSent: "the cookie, by the browser itself, if it has one",
  cookieLeftOut: "nothing: sent without cookies",
  addressSent: "every request comes from one",
  request: "The request",
  byTag: "As the tag handed it to the browser.",
  byOfficial: "As the official tracker handed it to the browser.",
  byFetch: "Made by this page with a plain fetch(), past the tag.",
  answer: "The answer",
  stored: "The stored event",
  storedFailed: "The stored failed event",
  urlMeaning: "address of the page",
  referrerMeaning: "address of the page before",
  agentMeaning: "browser and system",
  leftOut: "not sent: in this mode only path and utm_ parameters leave the page",
  cutOut: "removed: where the server anonymises, only the path and utm_ parameters are kept",
  openLive: "See it in the live page",
  smuggled: "identifiers, sent anyway",
  broken: "a broken event",
};

export const state = {
  title: "What this browser holds now",
  clear: "Clear everything about me",
  untold: "The official tracker does not tell its state. This is what the page itself can see.",
  strategy: "strategy",
  blocked: "Tracking is off",
  noSignal: "the page decides, no signal of the browser does",
  signal: {
    "opt-out": "because of the opt-out cookie",
    dnt: "because the browser sends Do Not Track",
    gpc: "because the browser sends Global Privacy Control",
  } as Record<string, string>,
  carries: "An event carries",
  heldBack: "not sent: held in memory, but no event carries it in this mode",
  notThere: "not sent: in this mode there is none",
  stored: "Stored in this browser",
  memory: "Held in memory, until the page goes",
  nothing: "nothing",
  queued: (count: number) => `${count} ${count === 1 ? "event waits" : "events wait"} to be sent.`,
  receipt: "Removed",
  fromMemory: "from memory",
  nothingThere: "There was nothing to remove.",
  cleared: "The official tracker cleared its state. It gives no receipt.",
  dropped: (count: number) => `${count} unsent ${count === 1 ? "event was" : "events were"} dropped.`,
  asked: "The collector is asked to expire its cookie, which no script can reach…",
  expired: "The collector expired its cookie, which no script can reach.",
  refused: "The collector did not say that it expired its cookie.",
  notAsked: "The collector’s cookie was left alone.",
};

export const belongings = {
  area: {
    cookies: "cookie",
    localStorage: "local storage",
    sessionStorage: "session storage",
  },
  foreign: "not the tag’s",
  meaning: {
    id: "Tells this browser apart on this site: a random id, the number of the visit, and when the first and the last visit were.",
    ses: "Says that a visit is going on; gone half an hour after the last event.",
    as: "A random id of this visit alone; it names no visitor and is gone half an hour after the last event.",
    expires: "When the entry of the same name goes.",
    queue: "Events that wait to be sent.",
    tab: "Tells this tab apart, until it is closed.",
    out: "Turns tracking off on these pages. Its value is the same for everybody.",
  },
  lifetime: {
    id: "two years after the last event",
    ses: "half an hour after the last event",
    as: "half an hour after the last event",
    expires: "as long as the entry of the same name",
    queue: "until they are sent",
    tab: "until the tab is closed",
    out: "a year, or until you take it back",
  },
  reading: {
    id: "random id of this browser",
    created: "first visit",
    visits: "number of visits",
    last: "last event",
    session: "random id of the visit",
    gone: "goes",
  },
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
  tracker: "From a web page: put this into its head",
  curl: "From a terminal",
};

export const visitor = {
  title: "What this site knows of this browser",
  lead:
    "Everything here is read in this browser now, and shown to nobody else. Press a button and watch it change.",
  held: "What is stored here",
  nothingHeld: "Nothing. This browser holds nothing for this site.",
  lives: "lives",
  says: "says",
  serverOnly: "cookie that only the server can read",
  ofCollector: "The collector’s cookie: a random id of this browser, the same for all sites that use this collector.",
  ofSession: "Says that you are signed in to these pages. It is no tracking.",
  unknown: "not the tag’s",
  told: "What every request tells by itself",
  facts: {
    address: "network address",
    "user-agent": "browser and system",
    "accept-language": "languages",
    "sec-ch-ua": "make of the browser",
    "sec-ch-ua-platform": "system",
    "sec-gpc": "Global Privacy Control",
    dnt: "Do Not Track",
  } as Record<string, string>,
  noSignals: "It sends neither Global Privacy Control nor Do Not Track.",
  next: "What the next event would carry",
  gpc: "As if this browser sent Global Privacy Control",
  gpcMeaning: "By default the collector then anonymises every event, whatever the page asked for.",
  nothingNext: "Nothing: while tracking is off, there is no next event.",
  siteSets: "what the site sets, if it does",
  fresh: "a new random id",
  first: "1",
  cookie: "the collector’s cookie",
  newCookie: "a new cookie",
  truncated: "the address, shortened",
  act: "What you can do",
  clear: "Clear everything about me",
  out: "Opt out",
  back: "Take the opt-out back",
  isOut: "Tracking is off on these pages.",
  isIn: "Tracking is allowed on these pages.",
  mode: "mode",
};

export const chart = {
  table: "Show as a table",
  csv: "Download as CSV",
  time: "from",
  describe: (title: string, most: string) => `${title}; at most ${most}. The table below has every value.`,
};

export const overview = {
  title: "Overview",
  ranges: "Range",
  range: {
    "15m": "15 min",
    "1h": "1 hour",
    "6h": "6 hours",
    "24h": "24 hours",
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "1y": "1 year",
  },
  byMode: "Events a minute, by mode",
  visits: "Page views and sessions",
  failed: "Share of failed events",
  events: "events",
  pageViews: "page views",
  sessions: "sessions",
  anonymous: "of the events are anonymous",
  failedShare: "failed",
  pages: "Most viewed pages",
  referrers: "Where visitors came from",
  consent: "What visitors chose",
  none: "None in this range.",
  csv: chart.csv,
  column: { page: "page", page_views: "page views", referrer: "site", choice: "choice", events: "events" } as Record<
    string,
    string
  >,
  choice: {
    allow_all: "accepted everything",
    allow_selected: "accepted some",
    deny_all: "rejected everything",
    pending: "not chosen yet",
    implicit: "went on without choosing",
    expired: "choice ran out",
    withdrawn: "withdrew",
    cmp_visible: "saw the banner",
    consent_granted: "granted",
    consent_withdrawn: "withdrew",
  } as Record<string, string>,
  unreadable: "The lake cannot be read just now.",
  signedOut: "You are signed out. Load the page again to sign in.",
  away: "No answer. Is whiteout running?",
};

const many = (count: number, one: string, more = `${one}s`): string => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

export const desk = {
  title: "Privacy desk",
  lead:
    "Prove what is promised, look whether it was kept, and give people their rights. Each of these is a command of whiteout as well.",
  signOut: "Sign out",
  back: "Go back",
  closed: "The desk is closed",
  closedWhy:
    "What is done here cannot be undone, so it is open only to those who signed in with the access token, on this machine too. The commands prove, audit, forget, retain and profile need none.",
  closedHow: "Start whiteout with a token of your own, a long random text",
  prove: "Prove",
  proveMeaning:
    "Sends requests full of made-up identifiers, in every mode, sound and broken ones, and then searches every byte that is left. It takes a minute or so.",
  proveWhat: "What is to be proved",
  proveOwn: "A whiteout of its own",
  proveOwnMeaning: "started for this, with an empty data folder, and thrown away",
  proveRunning: "This one, as it runs",
  proveRunningMeaning: "it gets some 300 made-up events, which stay",
  proveGo: "Prove it",
  audit: "Audit",
  auditMeaning:
    "Reads every stored event, and looks for identifiers that its mode forbids. Nothing is changed.",
  auditFull: "Read everything again",
  auditFullMeaning: "files that were found clean before, too",
  auditGo: "Begin the audit",
  forget: "Forget somebody",
  forgetMeaning:
    "Removes somebody’s events for good: from the tables, their older versions and logs, from what waits and from the live page. Then every byte is searched.",
  forgetBy: "Known by",
  forgetWho: "Identifier",
  forgetGo: "Forget…",
  selectors: {
    user_id: "user id, as the site has it",
    domain_userid: "browser id (domain_userid)",
    network_userid: "collector’s cookie (network_userid)",
    session: "visit (domain_sessionid)",
    event: "one event (event_id)",
  },
  forgetSure: "Forget for good?",
  forgetSureText: (by: string) =>
    `Every event of this ${by} goes that has been accepted until now. Nobody can bring it back. The receipt names nobody.`,
  forgetAgain: "Type the identifier again",
  forgetNow: "Forget for good",
  retain: "Keep no longer",
  retainMeaning: "Removes whole days, of failed events too, that are older than you want to keep.",
  retainDays: "Days to keep",
  retainFirst: (first: string) => `Everything before ${first} goes.`,
  retainNow: (days: number) => `By itself whiteout keeps ${many(days, "day")} (pipeline.retention_days).`,
  retainNever: "By itself whiteout keeps every day (pipeline.retention_days = 0).",
  retainGo: "Remove older days…",
  retainSure: "Remove older days for good?",
  retainSureText: (first: string) => `Every event from before ${first} (UTC) goes. Nobody can bring it back.`,
  retainAgain: (first: string) => `Type the first day that is kept, ${first}`,
  retainNowGo: "Remove for good",
  profiles: "Profiles",
  profilesMeaning: "The configuration in force beside what a purpose asks of it.",
  chosen: "It is chosen, and enforced.",
  notChosen: (name: string) => `It is not chosen: set profile = "${name}" to have it enforced.`,
  needs: (needs: string) => `needs to be ${needs}`,
  status: { met: "Met", "not met": "Not met", "yours to do": "Yours to do" },
  receipts: "Receipts",
  receiptsMeaning: "They name nobody. Note the number of one beside the request that you got.",
  noReceipts: "There are none yet.",
  kinds: { prove: "Proof", audit: "Audit", forget: "Erasure", retain: "Expiry" } as Record<string, string>,
  forgotBy: (by: string) => `Erasure by ${by}`,
  kept: (days: number) => `Expiry, ${many(days, "day")} kept`,
  clean: "clean",
  notClean: "not clean",
  removed: (events: number, failed: number, feed: number) =>
    `${many(events, "event")}, ${many(failed, "failed event")} and ${many(feed, "entry", "entries")} of the live page removed`,
  notDone: (why: string) => `Not done: ${why}`,
  number: "number",
  files: "files",
  filesOf: (changed: number, all: number) => `${changed} of ${all} written anew or dropped`,
  days: "days",
  noDays: "none",
  daysOf: (count: number, first: string, last: string) => `${many(count, "day")}, ${first} to ${last}`,
  covers: "covers what came until",
  took: "took",
  seconds: (seconds: number) => `${seconds.toFixed(1)} s`,
  search: "searched afterwards",
  searched: (method: string, files: number, megabytes: number) =>
    `${many(files, "file")}, ${megabytes.toFixed(1)} MB, ${
      { bytes: "every byte", values: "every value that can hold it", expiry: "for days that went" }[method] ?? method
    }`,
  changed: "other rows without the reference",
  spared: "rows with longer values, left as they are",
  stillThere: "These still hold it:",
  later: "Newer events, accepted since, hold it; ask again to remove those.",
  limits: "What this does not say",
  none: "None.",
  asJson: "Download as JSON",
  asPage: "Download as a page",
  stepOf: (step: string, done: number, total: number) => `${step}: ${done} of ${total}`,
  since: (seconds: number) => (seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`),
  stop: "Stop",
  goesOn: "It goes on when this page is closed, and is not stopped half-way.",
  stopped: "Stopped. Nothing was left behind.",
  ended: "It ended before it was done, together with the program. Begin anew.",
  last: "The last one is done.",
  seeReceipt: "See its receipt",
  waits: (step: string) => `A request waits: ${step}`,
  refused: (why: string) => `It was not begun: ${why}.`,
  signedOut: "You are signed out. Load the page again to sign in.",
  unreadable: "The data folder cannot be read just now.",
  away: "No answer. Is whiteout running?",
};

export const dock = {
  title: "What became of it",
  lead: "Every event of this shop, as whiteout kept it.",
  none: "Nothing has arrived yet.",
};

export const shop = {
  name: "Blank & Daughters",
  search: "Search the shop",
  cart: (count: number) => `Cart (${count})`,
  signIn: "Sign in as Ada",
  signOut: "Sign Ada out",
  person: "ada@shop.example",
  front: "Everything for a clean page",
  frontLead: "A made-up stationer’s. Nothing is sold here, but every click is tracked for real, as you allow it.",
  add: "Put into the cart",
  added: "It is in the cart.",
  remove: "Remove",
  order: "Order",
  total: "Together",
  cartTitle: "Your cart",
  cartEmpty: "There is nothing in it yet.",
  thanks: "Thank you",
  thanksLead: "Nothing will arrive, but the order was tracked.",
  found: (count: number) => (count === 1 ? "One thing found" : `${count} things found`),
  lost: "There is no such page",
  lostLead: "That was tracked too, as a page view of an address that leads nowhere.",
  partner: "The sister shop",
  partnerLead: "The same shop under another host name, as a browser sees it: with cookies of its own.",
  partnerWith: "The link that led here carried who you are, because you allowed it:",
  partnerWithout: "The link that led here carried nothing about you.",
  toPartner: "Our sister shop",
  toLost: "A dead link",
  break: "Break something",
  broken: "The demo shop was asked to break",
  more: "More of the shop",
  privacy: "Privacy settings",
  privacyNow: (name: string) => `Privacy settings: ${name}`,
  bannerTitle: "May we remember you?",
  bannerText:
    "Choose, and watch the stream: it shows what each choice lets us keep. Until you choose, nothing names you and nothing is stored.",
  reject: "Reject",
  rejectMeaning: "Counted, but nobody: no id, no cookie, no address.",
  session: "This visit only",
  sessionMeaning: "The visit has an id until it ends; you have none.",
  accept: "Accept",
  acceptMeaning: "This browser is known again, for two years.",
  choice: {
    reject: { name: "rejected" },
    session: { name: "this visit only" },
    accept: { name: "accepted" },
  },
  wares: {
    "correction-fluid": {
      name: "Correction fluid",
      about: "Covers what nobody needs to know. Dries in a minute and lasts for good.",
    },
    notebook: { name: "Notebook", about: "A hundred pages that tell nobody what you wrote on the one before." },
    "fountain-pen": { name: "Fountain pen", about: "Writes only when you press. A good model for a tracker." },
    ink: { name: "Blue ink", about: "Permanent. Think before you let somebody keep it." },
    envelopes: { name: "Envelopes", about: "Ten of them. What is inside stays inside." },
    eraser: { name: "Eraser", about: "Removes what was written, and leaves a receipt of crumbs." },
  },
};

export const pageName = {
  live: "Live",
  overview: "Overview",
  demo: "Demo shop",
  try: "Try it",
  visitor: "Your browser",
  desk: "Privacy desk",
};

/** What stands in the pages from the start. */
export const page = {
  skipToEvents: "Skip to the events",
  skipToModes: "Skip to the modes",
  skipToContent: "Skip to the content",
  pages: "Pages",
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
  moreFilters: "More filters",
  outcome: "Outcome",
  allOutcomes: "good and failed",
  goodEvents: "good events",
  failedEvents: "failed events",
  app: "Application",
  allApps: "all applications",
  eventType: "Type of event",
  allEvents: "all types",
  filterPage: "Page contains",
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
