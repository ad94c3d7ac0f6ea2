// Anonymity levels and how an option names them (R9-R12).

import type { Mode } from "./types";

/** The three flags; session and server imply anonymous. */
export interface Level {
  readonly _anon: boolean;
  readonly _session: boolean;
  readonly _server: boolean;
}

/** Read an `anonymousTracking` value; flags that it leaves out come from `before` (W14). */
export function resolve(value: unknown, before?: Level): Level {
  const options = (value ?? {}) as { withSessionTracking?: unknown; withServerAnonymisation?: unknown };
  const flag = (option: unknown, known?: boolean): boolean =>
    !!value && (option === true || (option !== false && !!known));
  return {
    _anon: !!value,
    _session: flag(options.withSessionTracking, before?._session),
    _server: flag(options.withServerAnonymisation, before?._server),
  };
}

/** The name of a level, as it stands in the entity `privacy_state`. */
export const modeOf = ({ _anon, _session, _server }: Level): Mode =>
  ((_anon ? (_server ? "server_" : "") + "anonymous" : "identified") + (_session ? "_session" : "")) as Mode;
