// The connection to the feed: what there is, and then everything new as it comes.

import type { Item } from "./model";
import { isObject, parseItem, readItem } from "./model";

export type Status = "connecting" | "live" | "reconnecting" | "signedOut" | "busy";

export interface Listener {
  items(items: Item[]): void;
  /** Entries were missed; null: it is not known how many. */
  gap(missed: number | null): void;
  status(status: Status): void;
  /** What there was at the start has been handed over. */
  loaded(): void;
}

const FLUSH_MS = 50;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 15_000;

export class Stream {
  private source: EventSource | null = null;
  private cursor: number | null = null;
  private pending: Item[] = [];
  private flushing = 0;
  private retry = 0;
  private retryMs = FIRST_RETRY_MS;

  /** `history`: how many of the newest entries to hand over at the start. */
  constructor(
    private readonly listener: Listener,
    private readonly history: number,
  ) {}

  start(): void {
    this.listener.status("connecting");
    // Browsers allow six connections to a server: a page that nobody sees must not hold one.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.close();
      else void this.open();
    });
    void this.open();
  }

  private close(): void {
    this.source?.close();
    this.source = null;
    clearTimeout(this.retry);
  }

  private async open(): Promise<void> {
    this.close();
    if (this.cursor === null && !(await this.load())) return;
    if (document.hidden) return;
    const source = new EventSource(`/api/stream?after=${this.cursor ?? 0}`);
    this.source = source;
    source.addEventListener("ready", () => this.connected());
    source.addEventListener("message", (event: MessageEvent<string>) => this.take(event));
    source.addEventListener("gap", (event: MessageEvent<string>) => {
      this.connected();
      this.flush();
      this.cursor = Number(event.lastEventId);
      const data: unknown = JSON.parse(event.data);
      const missed = isObject(data) ? data["missed"] : null;
      this.listener.gap(typeof missed === "number" ? missed : null);
    });
    source.addEventListener("error", () => {
      this.listener.status("reconnecting");
      // A refused stream is closed for good by the browser; a broken one it opens again itself.
      if (source.readyState === EventSource.CLOSED) void this.again();
    });
  }

  private connected(): void {
    this.retryMs = FIRST_RETRY_MS;
    this.listener.status("live");
  }

  private take(event: MessageEvent<string>): void {
    const id = Number(event.lastEventId);
    if (this.cursor !== null && id <= this.cursor) return;
    this.cursor = id;
    const item = parseItem(id, event.data);
    if (item === null) return;
    this.pending.push(item);
    if (this.flushing === 0) this.flushing = window.setTimeout(() => this.flush(), FLUSH_MS);
  }

  private flush(): void {
    clearTimeout(this.flushing);
    this.flushing = 0;
    const items = this.pending;
    this.pending = [];
    if (items.length > 0) this.listener.items(items);
  }

  private async again(): Promise<void> {
    this.close();
    try {
      const answer = await fetch("/api/events?limit=1");
      if (answer.status === 401) return this.listener.status("signedOut");
      if (answer.ok) this.listener.status("busy");
    } catch {
      // The server is away; the status says so already.
    }
    this.later();
  }

  private later(): void {
    this.retry = window.setTimeout(() => void this.open(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
  }

  private async load(): Promise<boolean> {
    try {
      const answer = await fetch(`/api/events?limit=${Math.max(this.history, 1)}`);
      if (answer.status === 401) {
        this.listener.status("signedOut");
        return false;
      }
      const body: unknown = await answer.json();
      if (!answer.ok || !isObject(body)) throw new Error("no events");
      const rows = Array.isArray(body["events"]) && this.history > 0 ? body["events"] : [];
      const items = rows.flatMap((row: unknown) => {
        if (!isObject(row)) return [];
        return readItem(Number(row["id"]), row["entry"], JSON.stringify(row["entry"])) ?? [];
      });
      this.cursor = Number(body["last"]);
      this.listener.items(items);
      this.listener.loaded();
      return true;
    } catch {
      this.listener.status("reconnecting");
      this.later();
      return false;
    }
  }
}
