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
      respectDoNotTrack === true ? "drop" : respectDoNotTrack,
      respectDoNotTrack &&
        [nav.doNotTrack, nav["msDoNotTrack"], win["doNotTrack"]].some((value) => /^(1|yes|true)$/.test(`${value}`)),
    ],
    ["gpc", respectGlobalPrivacyControl ?? true, !t._explicit && nav["globalPrivacyControl"] === true],
  ];
  // `true` stands for the usual treatment of a signal.
  const [signal, how] = asked.find(([, what, asks]) => asks && /^(drop|anonymise|true)$/.test(`${what}`)) ?? [];
  t._signal = signal;
  const may = t._unusable || !t._strategy ? ~SESSION : ~0;
  const wanted = t._wanted & may;
  return [how ? (wanted & SESSION) | ANONYMOUS | SERVER : wanted, how === "drop"];
}
