// What a visitor of the demo shop chose in its cookie banner, and what the tag does about it.

import type { Call, Strategy } from "./snowplow";
import { toMode } from "./snowplow";

/** From the least to the most that may be kept. */
export const CHOICES = ["reject", "session", "accept"] as const;
export type Choice = (typeof CHOICES)[number];

const COOKIE = "demo-choice";
const YEAR = 31_536_000;

/** Without a choice nothing is tracked but what names nobody and stores nothing. */
const MEANS: Record<Choice, [string, Strategy]> = {
  reject: ["server_anonymous", "none"],
  session: ["server_anonymous_session", "cookieAndLocalStorage"],
  accept: ["identified", "cookieAndLocalStorage"],
};

const EVENT: Record<Choice, string> = {
  reject: "trackConsentDeny",
  session: "trackConsentSelected",
  accept: "trackConsentAllow",
};
const SCOPES: Record<Choice, string[]> = { reject: [], session: ["session"], accept: ["session", "visitor"] };

/** The choice that was made before; null when there is none. */
export function chosen(): Choice | null {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${COOKIE}=`));
  return CHOICES.find((one) => found === `${COOKIE}=${one}`) ?? null;
}

/** The options of the tracker that a choice asks for, from before the first event. */
export function optionsOf(choice: Choice | null): Record<string, unknown> {
  const [mode, stateStorageStrategy] = MEANS[choice ?? "reject"];
  return {
    stateStorageStrategy,
    anonymousTracking: mode !== "identified" && {
      withSessionTracking: mode.endsWith("session"),
      withServerAnonymisation: true,
    },
  };
}

/** Keeps a choice, brings the tag to it, and tracks that it was made. */
export function choose(call: Call, choice: Choice, before: Choice | null, consentUrl: string): void {
  // The choice itself: the same three values for everybody.
  document.cookie = `${COOKIE}=${choice}; Path=/demo; SameSite=Lax; Max-Age=${YEAR}`;
  const [mode, strategy] = MEANS[choice];
  const withdrawn = choice === "reject" && before !== null && before !== "reject";
  // What was allowed before and is no longer goes first: ids, and events that wait.
  if (before !== null && CHOICES.indexOf(choice) < CHOICES.indexOf(before)) call("clearUserData");
  toMode(call, mode, strategy);
  call(withdrawn ? "trackConsentWithdrawn" : EVENT[choice], {
    basisForProcessing: "consent",
    consentUrl,
    consentVersion: "1",
    consentScopes: SCOPES[choice],
    domainsApplied: [location.hostname],
    gdprApplies: true,
  });
}
