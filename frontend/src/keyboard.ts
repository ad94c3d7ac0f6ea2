// The keys of the live page; they leave form fields and buttons alone.

export interface Actions {
  next(): void;
  previous(): void;
  open(): void;
  close(): void;
  pause(): void;
  filter(): void;
}

const FIELDS = "input, select, textarea";
const PRESSABLE = "button, a, summary";

export function listen(actions: Actions): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.key === "Escape") {
      if (target instanceof HTMLElement && target.matches(FIELDS)) target.blur();
      actions.close();
      return;
    }
    if (target.matches(FIELDS)) return;
    const pressable = target.closest(PRESSABLE) !== null;
    const action = {
      j: actions.next,
      k: actions.previous,
      "/": actions.filter,
      Enter: pressable ? undefined : actions.open,
      " ": pressable ? undefined : actions.pause,
    }[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
