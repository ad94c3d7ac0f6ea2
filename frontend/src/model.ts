// What the feed holds, read with care: everything in it comes from strangers.

import { plain } from "./plain";

export const MODES = [
  "identified",
  "anonymous",
  "anonymous_session",
  "server_anonymous",
  "server_anonymous_session",
] as const;
export type Mode = (typeof MODES)[number];

export const COLUMNS = [
  "user_id",
  "domain_userid",
  "domain_sessionid",
  "domain_sessionidx",
  "network_userid",
  "user_ipaddress",
] as const;
export type Column = (typeof COLUMNS)[number];

export interface Problem {
  where: string;
  what: string;
}

export interface Entry {
  failed: boolean;
  time: Date | null;
  eventId: string | null;
  name: string | null;
  app: string | null;
  page: string | null;
  /** The mode that the event is held to: declared, or else told from what was sent. */
  mode: Mode | null;
  declared: Mode | null;
  signals: string[];
  redacted: string[];
  identifiers: Record<Column, string | null>;
  /** Canonical fields of an event; empty for a failed one. */
  fields: Record<string, unknown>;
  failure: string;
  reason: string;
  problems: Problem[];
  payload: unknown;
}

const MAX_SIGNALS = 8;

type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function mode(value: unknown): Mode | null {
  return MODES.find((one) => one === value) ?? null;
}

function time(value: unknown): Date | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date;
}

function problem(value: unknown): Problem {
  if (!isObject(value)) return { where: "", what: text(value) ?? "" };
  return { where: text(value["where"]) ?? "", what: text(value["what"]) ?? "" };
}

function readEntry(value: Json): Entry {
  const failed = value["kind"] === "failed";
  const fields = isObject(value["event"]) ? value["event"] : {};
  const found = isObject(value["identifiers"]) ? value["identifiers"] : {};
  const payload = value["payload"] ?? null;
  const declared = mode(value["mode_declared"]);
  return {
    failed,
    time: time(value["collector_tstamp"]),
    eventId: text(value["event_id"]),
    name: text(value["event_name"]),
    app: text(value["app_id"]),
    page: text(isObject(payload) ? payload["url"] : fields["page_url"]),
    mode: declared ?? mode(value["mode_inferred"]),
    declared,
    signals: (text(value["signal"]) ?? "")
      .split("+", MAX_SIGNALS)
      .filter((one) => one !== "")
      .map((one) => plain(one, 40)),
    redacted: texts(value["redacted"]),
    identifiers: Object.fromEntries(
      COLUMNS.map((column) => [column, text(found[column])]),
    ) as Entry["identifiers"],
    fields,
    failure: text(value["failure"]) ?? "",
    reason: text(value["reason"]) ?? "",
    problems: Array.isArray(value["errors"]) ? value["errors"].map(problem) : [],
    payload,
  };
}

/** Entries that were read lately; a page holds many more items than it can hold entries. */
const CACHED = 300;
const cache = new Map<Item, Entry>();

function remember(item: Item, entry: Entry): Entry {
  cache.delete(item);
  cache.set(item, entry);
  if (cache.size > CACHED) cache.delete(cache.keys().next().value!);
  return entry;
}

/** An entry with its place in the feed. It keeps the JSON text and what filters ask for. */
export class Item {
  readonly failed: boolean;
  readonly mode: Mode | null;
  readonly app: string | null;
  readonly name: string | null;
  readonly page: string | null;

  constructor(
    readonly id: number,
    readonly json: string,
    entry: Entry,
  ) {
    this.failed = entry.failed;
    this.mode = entry.mode;
    this.app = entry.app;
    this.name = entry.name;
    this.page = entry.page;
    remember(this, entry);
  }

  get entry(): Entry {
    return remember(this, cache.get(this) ?? readEntry(JSON.parse(this.json) as Json));
  }
}

/** Reads a feed entry; null when it is none. */
export function readItem(id: number, value: unknown, json: string): Item | null {
  return isObject(value) ? new Item(id, json, readEntry(value)) : null;
}

/** Reads the JSON text of a feed entry; null when it is none. */
export function parseItem(id: number, json: string): Item | null {
  try {
    return readItem(id, JSON.parse(json), json);
  } catch {
    return null;
  }
}
