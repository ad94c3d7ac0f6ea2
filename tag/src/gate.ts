// What the browser and the visitor ask for, before anything else happens (R28-R30, W2, W13, W20;
// contract 6).

import { nav, win } from "./env";
import type { Level } from "./modes";
import type { State } from "./state";
import { cookieValue } from "./storage";

/** The treatment that an option asks for; `true` means the option's own default. */
const treatment = (option: unknown, usual: string): unknown => (option === true ? usual : option);

const dnt = (): boolean =>
  [nav.doNotTrack, nav["msDoNotTrack"], win["doNotTrack"]].some((value) => /^(1|yes|true)$/.test(`${value}`));

export interface Verdict {
  readonly _blocked: boolean;
  readonly _signal: string | null;
  readonly _level: Level;
}

/** What holds for a tracker at this moment. */
export function judge(t: State): Verdict {
  const { respectDoNotTrack, respectGlobalPrivacyControl } = t._config;
  const asked: Array<[string, unknown, () => unknown]> = [
    ["opt-out", "drop", () => t._optOut && cookieValue(t._optOut)],
    ["dnt", treatment(respectDoNotTrack, "drop"), dnt],
    [
      "gpc",
      treatment(respectGlobalPrivacyControl ?? true, "anonymise"),
      () => !t._explicit && nav["globalPrivacyControl"] === true,
    ],
  ];
  const [signal, how] =
    asked.find(([, what, asks]) => (what === "drop" || what === "anonymise") && asks()) ?? [];
  const { _anon, _session, _server } = t._wanted;
  return {
    _blocked: how === "drop",
    _signal: signal ?? null,
    _level: {
      _anon: _anon || !!how,
      _session: _session && !t._unusable && t._strategy !== "none",
      _server: _server || !!how,
    },
  };
}
