// Work that a page need not wait for. It is done a moment later, and before anything that could
// notice, so nobody sees events in another order than that of the calls.

import { attempt, later, now } from "./env";

/** What follows within so many milliseconds is done together: it shares a cookie and a request. */
const PACE = 250;

/** For so many milliseconds at most it works without a pause, so that the page stays at hand. */
const TURN = 10;

const jobs: Array<() => void> = [];
const due = new Set<() => void>();
let timer: number | undefined;
let last = 0;

/** Do now what waits, or what of it can begin until then. */
export function work(until = Infinity): void {
  const waiting = jobs.splice(0);
  while (waiting[0] && now() < until) attempt(waiting.shift()!, "track failed");
  jobs.unshift(...waiting);
}

function wake(): void {
  // A clock that was set back delays nothing, and a delay far below zero would be a long one.
  timer ??= later(() => {
    timer = undefined;
    work(now() + TURN);
    if (jobs[0]) return wake();
    last = now();
    // A task of its own, so that none takes long.
    if (due.size) {
      later(() => {
        for (const act of due) {
          due.delete(act);
          attempt(act, "failed");
        }
      });
    }
  }, Math.max(0, Math.min(PACE, last + PACE - now())));
}

/** Do something after the page's own task. */
export function soon(job: () => void): void {
  jobs.push(job);
  wake();
}

/** Do something once, when all that waits is done. */
export function afterwards(act: () => void): void {
  due.add(act);
  wake();
}

/** Methods that do first what waits. */
export function inOrder<T extends object>(methods: T): T {
  for (const [name, method] of Object.entries(methods)) {
    if (typeof method === "function") {
      Object.assign(methods, {
        [name](...given: unknown[]): unknown {
          work();
          return method(...given);
        },
      });
    }
  }
  return methods;
}
