// What the browser and the visitor ask for, before anything else happens (R28-R30, W2, W13, W20;
// contract 6).

import { nav, win } from "./env";
import { ANONYMOUS, SERVER, SESSION, type Level } from "./modes";
import type { State } from "./state";
import { cookieValue } from "./storage";

/** The level that holds for a tracker at this moment, and whether events are dropped. */
export function judge(t: State): [level: Level, blocked: boolean] {
  const { respectDoNotTrack, respectGlobalPrivacyControl } = t._config;
  const asked: Array<[string, unknown, unknown]> = [
    ["opt-out", "drop", t._optOut && cookieValue(t._optOut)],
    [
      "dnt",
      // `true` stands for the usual treatment of a signal.
      respectDoNotTrack === true ? "drop" : respectDoNotTrack,
      /(1|yes|true)/.test(`${respectDoNotTrack && [nav.doNotTrack, nav["msDoNotTrack"], win["doNotTrack"]]}`),
    ],
    ["gpc", respectGlobalPrivacyControl ?? true, !t._explicit && nav["globalPrivacyControl"] === true],
  ];
  const [signal, how] = asked.find(([, what, asks]) => asks && /^(drop|anonymise|true)$/.test(`${what}`)) ?? [];
  t._signal = signal;
  const wanted = t._unusable || !t._strategy ? t._wanted & ~SESSION : t._wanted;
  return [how ? (wanted & SESSION) | ANONYMOUS | SERVER : wanted, how === "drop"];
}
