// Levels of privacy and how an option names them (R9-R12).

import type { Mode } from "./types";

/** A set of the flags below; none of them while nothing may be tracked. */
export type Level = number;

export const ANONYMOUS = 1;
/** Session and server come with anonymous. */
export const SESSION = 2;
export const SERVER = 4;
export const IDENTIFIED = 8;

/** Read an `anonymousTracking` value; flags that it leaves out come from `before` (W14). */
export function resolve(value: unknown, before: Level = 0): Level {
  const { withSessionTracking, withServerAnonymisation } = (value ?? {}) as Record<string, unknown>;
  const flag = (option: unknown, bit: Level): Level =>
    option === true ? bit : option === false ? 0 : before & bit;
  return value
    ? ANONYMOUS | flag(withSessionTracking, SESSION) | flag(withServerAnonymisation, SERVER)
    : IDENTIFIED;
}

/** The name of a level, as it stands in the entity `privacy_state`. */
export const modeOf = (level: Level): Mode =>
  (level & ANONYMOUS
    ? (level & SERVER ? "server_" : "") + "anonymous" + (level & SESSION ? "_session" : "")
    : "identified") as Mode;
