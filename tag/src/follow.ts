// The methods that follow a visitor on the page: page pings and links to other sites. What they do
// is in a file of its own, which is loaded when it is first needed and events may be tracked.

import { attempt, hush, lazily } from "./env";
import { pingTitle } from "./page";
import { follow } from "./plugins/page";
import { settle } from "./privacy";
import type { State } from "./state";
import type { BrowserTracker } from "./types";

type Methods = ReturnType<typeof follow>;

const names = [
  ...(__ACTIVITY__
    ? [
        "enableActivityTracking",
        "enableActivityTrackingCallback",
        "disableActivityTracking",
        "disableActivityTrackingCallback",
        "updatePageActivity",
      ]
    : []),
  ...(__LINKER__ ? ["crossDomainLinker"] : []),
];

/** These methods of a tracker. Each call is done in its turn, once the file is there. */
export function followers(t: State) {
  const calls: unknown[][] = [];
  let loaded: Promise<Methods> | undefined;
  const run = (): void => {
    // Nothing is asked for while events are dropped; the next page view comes back to it.
    if (!calls[0] || !settle(t)) return;
    loaded ??= (__SCRIPT__ ? lazily<{ follow: typeof follow }>("page") : Promise.resolve({ follow })).then((found) =>
      found.follow(t._tracker, t._config, () => pingTitle(t)),
    );
    hush(
      loaded.then((found) => {
        for (const [name, ...given] of calls.splice(0) as Array<[keyof Methods, ...never[]]>) {
          attempt(() => (found[name] as (...all: never[]) => void)(...given), `${name} failed`);
        }
      }),
    );
  };
  const call =
    (name: string) =>
    (...given: unknown[]): void => {
      calls.push([name, ...given]);
      if (loaded || name === "crossDomainLinker") run();
    };
  const viewed = call("viewed");
  t._onPageView = (...given) => {
    if (calls[0] || loaded) viewed(...given);
    run();
  };
  return Object.fromEntries(names.map((name) => [name, call(name)])) as Partial<BrowserTracker>;
}
