"""The lines that a site puts into its pages to load the browser tag."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape

from whiteout import assets
from whiteout.collector.scripts import TAG, pinned_path

# The usual loader of the protocol (R98): it makes the function, which keeps calls until the script
# has come. Written anew; places in angle brackets are filled.
_LOADER = """\
(function (w, d, f, u) {
  if (w[f]) return;
  (w.GlobalSnowplowNamespace = w.GlobalSnowplowNamespace || []).push(f);
  w[f] = function () { w[f].q.push(arguments); };
  w[f].q = [];
  var s = d.createElement("script");
  s.async = true;<attributes>
  s.src = u;
  d.head.appendChild(s);
})(window, document, <function>, <address>);
"""


@dataclass(frozen=True, slots=True)
class Snippet:
    """What the printed lines say.

    `collector` is the collector's address. `nonce` is for a content security policy. `pinned` asks
    for exactly this version of the script, which the browser checks by its hash.
    """

    collector: str
    app_id: str | None = None
    namespace: str = "sp"
    function: str = "snowplow"
    nonce: str | None = None
    pinned: bool = False

    @property
    def address(self) -> str:
        """Where the script is."""
        return self.collector.rstrip("/") + (pinned_path() if self.pinned else f"/{TAG}")

    def html(self) -> str:
        """The lines, as HTML."""
        attributes = ""
        if self.pinned:
            integrity = _script(assets.integrity(TAG))
            attributes += f'\n  s.integrity = {integrity};\n  s.crossOrigin = "anonymous";'
        if self.nonce is not None:
            attributes += f"\n  s.nonce = {_script(self.nonce)};"
        loader = (
            _LOADER.replace("<attributes>", attributes)
            .replace("<function>", _script(self.function))
            .replace("<address>", _script(self.address))
        )
        options: dict[str, object] = {"whiteoutCollector": True}
        if self.app_id is not None:
            options = {"appId": self.app_id, **options}
        name = f"window[{_script(self.function)}]"
        if self.function.isidentifier() and self.function.isascii():
            name = self.function
        place = ", ".join(map(_script, ("newTracker", self.namespace, self.collector)))
        nonce = "" if self.nonce is None else f' nonce="{escape(self.nonce)}"'
        return (
            f"<script{nonce}>\n{loader}{name}({place}, {_script(options)});\n"
            f'{name}("trackPageView");\n</script>\n'
        )

    def facts(self) -> dict[str, str]:
        """The parts, for programs."""
        return {
            "script": self.address,
            "integrity": assets.integrity(TAG),
            "html": self.html(),
        }


def _script(value: object) -> str:
    """A value in a script inside HTML, which it cannot end."""
    text = json.dumps(value, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
