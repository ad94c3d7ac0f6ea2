// A button that copies text, and a block of code with one.

import { h } from "./dom";
import { copy as texts } from "./texts";

const SHOWN_MS = 1_600;

export function copyButton(text: () => string, label = texts.button): HTMLButtonElement {
  const button = h("button", { type: "button", class: "small" }, label);
  button.addEventListener("click", () => {
    const say = (answer: string): void => {
      button.textContent = answer;
      setTimeout(() => (button.textContent = label), SHOWN_MS);
    };
    // There is no clipboard on a page that came by plain http from another machine.
    const copied = navigator.clipboard?.writeText(text()) ?? Promise.reject(new Error());
    copied.then(
      () => say(texts.done),
      () => say(texts.failed),
    );
  });
  button.setAttribute("aria-live", "polite");
  return button;
}

export function codeBlock(code: string, label: string): HTMLElement {
  return h(
    "figure",
    { class: "code" },
    h("figcaption", {}, label, copyButton(() => code)),
    h("pre", { tabindex: 0 }, h("code", {}, code)),
  );
}
