// Clicks on buttons.

import type { BrowserTracker } from "../types";
import { accepts, classes, dynamic, listeners, pick, send, type Input } from "./sending";

interface Configuration {
  filter?: { allowlist?: string[]; denylist?: string[] } | ((button: HTMLElement) => boolean);
  defaultLabel?: string | ((button: HTMLElement) => string);
  context?: unknown[];
}

export const trackButtonClick = (trackers: BrowserTracker[], event: Input): void =>
  send(trackers, "button_click", pick(event, "label id classes name"), event);

const { on, off } = listeners();

export function enableButtonClickTracking(trackers: BrowserTracker[], configuration?: Configuration): void {
  const { filter, defaultLabel, context } = configuration ?? {};
  const accepted = accepts<HTMLButtonElement | HTMLInputElement>(
    typeof filter === "function" ? { filter } : filter,
    classes,
  );
  off(trackers);
  for (const tracker of trackers) {
    on(tracker, document, "click", (event: MouseEvent) => {
      const target = (event.composed ? event.composedPath()[0] : event.target) as Element;
      const button = target.closest?.<HTMLButtonElement | HTMLInputElement>("button, input[type=button]");
      if (!button || !accepted(button)) return;
      const found = classes(button);
      const own = button.dataset["spButtonLabel"];
      const usual = typeof defaultLabel === "function" ? () => defaultLabel(button) : () => defaultLabel;
      const label = own || (button.tagName === "INPUT" ? button.value : button.innerText || usual() || "(empty)");
      const data = {
        label,
        id: button.id || null,
        classes: found[0] ? found : null,
        name: button.name || null,
      };
      trackButtonClick([tracker], { ...data, context: dynamic(context, data, button) });
    });
  }
}

export const disableButtonClickTracking = off;
