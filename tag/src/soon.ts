// Work that a page need not wait for. It is done a moment later, and before anything that could
// notice, so nobody sees events in another order than that of the calls.

import { attempt, later } from "./env";

let jobs: Array<() => void> = [];

/** Do now what waits. */
export function work(): void {
  const due = jobs;
  jobs = [];
  for (const job of due) attempt(job, "track failed");
}

/** Do something after the page's own task. */
export function soon(job: () => void): void {
  jobs.push(job);
  if (!jobs[1]) later(work);
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
