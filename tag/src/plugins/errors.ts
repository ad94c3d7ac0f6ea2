// Errors of the page.

import type { BrowserTracker, CommonEventProperties, SelfDescribingJson } from "../types";
import { dynamic, listeners, send } from "./sending";

interface Trouble extends CommonEventProperties {
  message?: string;
  filename?: string;
  lineno?: number;
  colno?: number;
  error?: { stack?: string } | null;
}

interface Configuration {
  filter?: (error: ErrorEvent) => boolean;
  contextAdder?: (error: ErrorEvent) => SelfDescribingJson[];
  context?: SelfDescribingJson[];
}

export function trackError(trackers: BrowserTracker[], event: Trouble): void {
  const { message, filename, lineno, colno, error } = event;
  const data = {
    programmingLanguage: "JAVASCRIPT",
    message: (message ?? "trackError called without required message").slice(0, 2048),
    stackTrace: error?.stack?.slice(0, 8192),
    lineNumber: lineno,
    lineColumn: colno,
    fileName: filename,
  };
  send(trackers, "application_error", data, event, { version: "1-0-1" });
}

const { on, off } = listeners();

export function enableErrorTracking(trackers: BrowserTracker[], configuration?: Configuration): void {
  const { filter, contextAdder, context = [] } = configuration ?? {};
  off(trackers);
  for (const tracker of trackers) {
    on(tracker, window, "error", (event: ErrorEvent) => {
      if (filter && !filter(event)) return;
      const { message, filename, lineno, colno, error } = event;
      const entities = [...context, ...dynamic(contextAdder && [contextAdder], event)];
      trackError([tracker], { message, filename, lineno, colno, error, context: entities });
    });
  }
}
