// The invitation to the first event, with something to copy.

import { codeBlock } from "./copy";
import { h } from "./dom";
import { welcome as texts } from "./texts";

/** The lines that `whiteout tag` prints; a test compares them. */
function snippet(origin: string): string {
  return `<script>
(function (w, d, f, u) {
  if (w[f]) return;
  (w.GlobalSnowplowNamespace = w.GlobalSnowplowNamespace || []).push(f);
  w[f] = function () { w[f].q.push(arguments); };
  w[f].q = [];
  var s = d.createElement("script");
  s.async = true;
  s.src = u;
  d.head.appendChild(s);
})(window, document, "snowplow", "${origin}/whiteout.js");
snowplow("newTracker", "sp", "${origin}", {"whiteoutCollector": true});
snowplow("trackPageView");
</script>
`;
}

function curl(origin: string): string {
  return `curl -H 'SP-Anonymous: *' '${origin}/i?e=pv&p=web&tv=curl&aid=my-site&url=https%3A%2F%2Fexample.com%2Fhello'`;
}

/** A picture of what happens here: an event whose identifiers are whited out one by one. */
function picture(): HTMLElement {
  const lines = texts.sample.map(([name, value, word]) =>
    h(
      "span",
      { class: "line" },
      h("span", { class: "quiet" }, name),
      h("span", { class: "covered" }, value, word !== "" && h("span", { class: "tape" }, word)),
    ),
  );
  return h("div", { class: "picture", "aria-hidden": "true" }, ...lines);
}

export function fillWelcome(element: HTMLElement): void {
  element.append(
    h(
      "div",
      { class: "invitation" },
      h(
        "div",
        {},
        h("h2", {}, texts.title),
        h("p", { class: "lead" }, texts.lead),
        h("p", {}, h("a", { href: "/try", class: "primary" }, texts.tryIt)),
      ),
      picture(),
    ),
    h(
      "div",
      { class: "snippets" },
      codeBlock(snippet(location.origin), texts.tracker),
      codeBlock(curl(location.origin), texts.curl),
    ),
  );
}
