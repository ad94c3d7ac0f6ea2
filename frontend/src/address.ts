// An address as it was, with tape over what did not come along.

import { h } from "./dom";
import { plain } from "./plain";

/** Start, query parameters and fragment of an address. */
function parts(address: string): { start: string; query: string[]; fragment: string } {
  const [rest = "", fragment = ""] = address.split(/#(.*)/s);
  const [start = "", query = ""] = rest.split(/\?(.*)/s);
  return { start, query: query === "" ? [] : query.split("&"), fragment };
}

/**
 * `left` shown over `whole`, with `cut` in place of each part that is missing; `left` as it is when
 * it is not `whole` with parts left out.
 */
export function taped(whole: string, left: string, cut: (part: string) => HTMLElement): HTMLElement {
  const from = parts(whole);
  const to = parts(left);
  const view = h("bdi", { class: "value address" });
  const explained =
    from.start === to.start &&
    to.query.every((one) => from.query.includes(one)) &&
    (to.fragment === "" || to.fragment === from.fragment);
  if (!explained) {
    view.append(plain(left, 2_000));
    return view;
  }
  view.append(plain(from.start, 2_000));
  from.query.forEach((one, index) => {
    view.append(index === 0 ? "?" : "&", to.query.includes(one) ? plain(one, 500) : cut(one));
  });
  if (from.fragment !== "") {
    view.append("#", to.fragment === "" ? cut(from.fragment) : plain(from.fragment, 500));
  }
  return view;
}
