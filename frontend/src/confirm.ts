// Asking once more before something that cannot be undone: by typing what is to go.

import { byId } from "./dom";

export interface Question {
  title: string;
  text: string;
  /** What the field asks for. */
  label: string;
  /** What the button says. */
  go: string;
  /** What has to be typed, to the letter. */
  answer: string;
}

/** Asks, and tells whether it was confirmed. The dialog is a modal one: the rest waits. */
export function confirmed(question: Question): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>("confirm");
  const again = byId<HTMLInputElement>("confirm-again");
  const go = byId<HTMLButtonElement>("confirm-go");
  byId("confirm-title").textContent = question.title;
  byId("confirm-text").textContent = question.text;
  byId("confirm-label").textContent = question.label;
  go.textContent = question.go;
  again.value = "";
  go.disabled = true;
  let answer = false;
  const over = new AbortController();
  const { signal } = over;
  again.addEventListener("input", () => (go.disabled = again.value !== question.answer), { signal });
  byId("confirm-back").addEventListener("click", () => dialog.close(), { signal });
  byId("confirm-form").addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      answer = again.value === question.answer;
      if (answer) dialog.close();
    },
    { signal },
  );
  dialog.showModal();
  again.focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        // What was typed names somebody: it does not stay in the page.
        again.value = "";
        over.abort();
        resolve(answer);
      },
      { signal },
    );
  });
}
