// Times, in the zone of the person who looks.

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const FULL = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "medium",
});

const SHORT_DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function clock(date: Date | null): string {
  return date === null ? "–" : CLOCK.format(date);
}

export function full(date: Date | null): string {
  return date === null ? "–" : `${FULL.format(date)} (${ZONE})`;
}

export function shortDate(date: Date): string {
  return SHORT_DATE.format(date);
}
