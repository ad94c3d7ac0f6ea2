// An address as it was sent, with tape over what was not kept of it.

import { h } from "./dom";
import { tape } from "./marks";
import { plain } from "./plain";
import { tape as tapeTexts, tryIt } from "./texts";

/** Start, query parameters and fragment of an address. */
function parts(address: string): { start: string; query: string[]; fragment: string } {
  const [rest = "", fragment = ""] = address.split(/#(.*)/s);
  const [start = "", query = ""] = rest.split(/\?(.*)/s);
  return { start, query: query === "" ? [] : query.split("&"), fragment };
}

/** `kept` shown over `sent`; `kept` as it is when it is not `sent` with parts left out. */
export function taped(sent: string, kept: string): HTMLElement {
  const from = parts(sent);
  const to = parts(kept);
  const view = h("bdi", { class: "value address" });
  const explained =
    from.start === to.start &&
    to.query.every((one) => from.query.includes(one)) &&
    (to.fragment === "" || to.fragment === from.fragment);
  if (!explained) {
    view.append(plain(kept, 2_000));
    return view;
  }
  const cut = (): HTMLElement => tape(tapeTexts.takenOut, tryIt.cutOut, "takenOut inline");
  view.append(plain(from.start, 2_000));
  from.query.forEach((one, index) => {
    view.append(index === 0 ? "?" : "&", to.query.includes(one) ? plain(one, 500) : cut());
  });
  if (from.fragment !== "") view.append("#", to.fragment === "" ? cut() : plain(from.fragment, 500));
  return view;
}
