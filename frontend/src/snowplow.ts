// The function of the page that calls the tracker, made as a snippet makes it. The script that
// answers it stands behind this module in the page.

export const STRATEGIES = ["cookieAndLocalStorage", "localStorage", "cookie", "none"] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** What a tracker says that it sends, stores and holds in memory. */
export interface PrivacyState {
  mode: string;
  strategy: string;
  signal: string | null;
  blocked: boolean;
  sent: string[];
  stored: { cookies: string[]; localStorage: string[]; sessionStorage: string[] };
  memory: string[];
  queued: number;
}

/** What clearing removed. */
export interface Receipt {
  cookies: string[];
  localStorage: string[];
  sessionStorage: string[];
  memory: string[];
  events: number;
  collector: string | false;
}

/** What the pages use of a tracker; the official one has less to tell. */
export interface Tracker {
  getPrivacyState?: () => PrivacyState;
  clearUserData: (options?: { onCollectorAnswer?: (expired: boolean) => void }) => Receipt | undefined;
}

export type Call = (name: string | ((this: Record<string, Tracker>) => void), ...rest: unknown[]) => void;

const NAME = "snowplow";
const NAMESPACE = "sp";

/** Makes the function; what is called before the script has come waits. */
export function prepare(): Call {
  const waiting: unknown[] = [];
  const stub = Object.assign((...call: unknown[]): void => void stub.q.push(call), { q: waiting });
  Object.assign(window, { GlobalSnowplowNamespace: [NAME], [NAME]: stub });
  return stub;
}

/** Makes the tracker of the page. */
export function begin(call: Call, options: Record<string, unknown>): void {
  call("newTracker", NAMESPACE, location.origin, options);
}

/** Hands the tracker over once it is there. */
export function withTracker(call: Call, act: (tracker: Tracker) => void): void {
  call(function () {
    const tracker = this[NAMESPACE];
    if (tracker !== undefined) act(tracker);
  });
}

/** Goes to a mode; every option is said, so that nothing is left over from the mode before. */
export function toMode(call: Call, mode: string, strategy: Strategy): void {
  if (mode === "identified") {
    call("disableAnonymousTracking", { stateStorageStrategy: strategy });
    return;
  }
  call("enableAnonymousTracking", {
    options: {
      withSessionTracking: mode.endsWith("session"),
      withServerAnonymisation: mode.startsWith("server"),
    },
    stateStorageStrategy: strategy,
  });
}
