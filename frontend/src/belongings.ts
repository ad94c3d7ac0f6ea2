// What this browser holds for this site, as a script of the site can see it.

import { belongings as texts } from "./texts";
import { full } from "./time";

export const AREAS = ["cookies", "localStorage", "sessionStorage"] as const;
export type Area = (typeof AREAS)[number];

export interface Belonging {
  area: Area;
  name: string;
  value: string;
}

function cookies(): Belonging[] {
  return document.cookie.split("; ").flatMap((pair): Belonging[] => {
    const [name = "", value = ""] = pair.split(/=(.*)/s);
    return name === "" ? [] : [{ area: "cookies", name, value }];
  });
}

function items(area: "localStorage" | "sessionStorage"): Belonging[] {
  try {
    return Object.entries(window[area]).map(([name, value]) => ({ area, name, value: String(value) }));
  } catch {
    return []; // Storage is blocked.
  }
}

/** Everything there is; what the server alone can read is not among it. */
export function belongings(): Belonging[] {
  return [...cookies(), ...items("localStorage"), ...items("sessionStorage")];
}

const KINDS: readonly (readonly [RegExp, keyof typeof texts.meaning])[] = [
  [/^_sp_id\.[0-9a-f]{4}$/, "id"],
  [/^_sp_ses\.[0-9a-f]{4}$/, "ses"],
  [/^_sp_as\.[0-9a-f]{4}$/, "as"],
  [/^_sp_(?:id|ses|as)\.[0-9a-f]{4}\.expires$/, "expires"],
  [/^snowplowOutQueue_/, "queue"],
  [/^_sp_tab_id$/, "tab"],
  [/^whiteout-opt-out$/, "out"],
];

/** What a key of the tag is for, in plain words; null for what is not the tag's. */
export function meaning(name: string): string | null {
  const found = KINDS.find(([pattern]) => pattern.test(name));
  return found === undefined ? null : texts.meaning[found[1]];
}

/** The name of the cookie that turns tracking off on these pages; its value is the same for all. */
export const OPT_OUT = "whiteout-opt-out";

/** Turns tracking off on these pages, or on again. */
export function optOut(out: boolean): void {
  document.cookie = `${OPT_OUT}=1; Path=/; SameSite=Lax; Max-Age=${out ? 31_536_000 : 0}`;
}

function date(seconds: string | undefined): string {
  const time = new Date(Number(seconds) * 1_000);
  return Number.isNaN(time.getTime()) ? "–" : full(time);
}

/** What the value of a key of the tag says, as names and values; empty where it is not known. */
export function reading({ name, value }: Belonging): [string, string][] {
  const part = value.split(".");
  const words = texts.reading;
  if (/^_sp_id\.[0-9a-f]{4}$/.test(name)) {
    return [
      [words.id, part[0] ?? ""],
      [words.created, date(part[1])],
      [words.visits, part[2] ?? ""],
      [words.last, date(part[3])],
      [words.session, part[5] ?? ""],
    ];
  }
  if (/^_sp_as\.[0-9a-f]{4}$/.test(name)) {
    return [
      [words.session, part[5] ?? ""],
      [words.last, date(part[3])],
    ];
  }
  if (/\.expires$/.test(name)) return [[words.gone, date(String(Number(value) / 1_000))]];
  return [];
}

/** How long a key of the tag lives, in plain words. */
export function lifetime(name: string): string | null {
  const found = KINDS.find(([pattern]) => pattern.test(name));
  return found === undefined ? null : texts.lifetime[found[1]];
}
