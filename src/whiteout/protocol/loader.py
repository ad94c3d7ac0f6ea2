"""The lines by which a page loads a tag before its script has come (R98, R99)."""

from __future__ import annotations

import json
from collections.abc import Mapping

# It makes the function, which keeps calls until the script is there. Places in angle brackets are
# filled.
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


def loader(function: str, address: str, attributes: Mapping[str, str]) -> str:
    """JavaScript that makes a function of this name and loads the script at an address.

    `attributes` are properties of the script element, such as `nonce`.
    """
    lines = [f"\n  s.{name} = {script_text(value)};" for name, value in attributes.items()]
    return (
        _LOADER.replace("<attributes>", "".join(lines))
        .replace("<function>", script_text(function))
        .replace("<address>", script_text(address))
    )


def script_text(value: object, *, compact: bool = False) -> str:
    """A value as JavaScript inside a script element of HTML, which it cannot end."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":") if compact else None)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
