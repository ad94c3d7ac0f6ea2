// What became of each identifier of an event: kept, whited out, or never there.

import type { Column, Entry, Mode } from "./model";
import { COLUMNS } from "./model";
import permissions from "./permissions.json";
import { why } from "./texts";

export type Fate =
  | { kind: "kept"; value: string }
  | { kind: "leak"; value: string; why: string }
  | { kind: "takenOut" | "notSent" | "notKept"; why: string }
  | { kind: "absent" };

const NETWORK: readonly Column[] = ["network_userid", "user_ipaddress"];

export function forbids(mode: Mode, column: Column): boolean {
  return (permissions[mode] as string[]).includes(column);
}

/** `arrived` tells that the event is known to have carried the identifier. */
export function fate(entry: Entry, column: Column, arrived = false): Fate {
  const value = entry.identifiers[column];
  const { mode } = entry;
  const forbidden = mode !== null && forbids(mode, column);
  if (value !== null) {
    return forbidden ? { kind: "leak", value, why: why.leak(mode) } : { kind: "kept", value };
  }
  if (entry.redacted.includes(column)) {
    // Cookie and address are not even read under server anonymity: nobody knows what was there.
    return NETWORK.includes(column) && !arrived
      ? { kind: "notKept", why: why.unread(entry.signals) }
      : { kind: "takenOut", why: why.takenOut(entry.signals) };
  }
  // Of a failed event no identifier is kept whatever the mode, so that the mode proves nothing.
  if (!forbidden || entry.failed) return { kind: "absent" };
  return NETWORK.includes(column)
    ? { kind: "notKept", why: why.notKept(mode) }
    : { kind: "notSent", why: why.notSent(mode) };
}

/** The identifiers that stand in the list; the number of the visit stands behind the visit. */
export const SHOWN = COLUMNS.filter((column) => column !== "domain_sessionidx");

export function whitedOut(entry: Entry): number {
  return SHOWN.filter((column) => {
    const { kind } = fate(entry, column);
    return kind === "takenOut" || kind === "notSent" || kind === "notKept";
  }).length;
}
