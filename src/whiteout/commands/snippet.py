"""The lines that a site puts into its pages to load the browser tag."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from whiteout import assets
from whiteout.collector.scripts import TAG, pinned_path
from whiteout.protocol.loader import loader, script_text


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
        attributes: dict[str, str] = {}
        if self.pinned:
            attributes |= {"integrity": assets.integrity(TAG), "crossOrigin": "anonymous"}
        if self.nonce is not None:
            attributes["nonce"] = self.nonce
        options: dict[str, object] = {"whiteoutCollector": True}
        if self.app_id is not None:
            options = {"appId": self.app_id, **options}
        name = f"window[{script_text(self.function)}]"
        if self.function.isidentifier() and self.function.isascii():
            name = self.function
        place = ", ".join(map(script_text, ("newTracker", self.namespace, self.collector)))
        nonce = "" if self.nonce is None else f' nonce="{escape(self.nonce)}"'
        return (
            f"<script{nonce}>\n{loader(self.function, self.address, attributes)}"
            f"{name}({place}, {script_text(options)});\n"
            f'{name}("trackPageView");\n</script>\n'
        )

    def facts(self) -> dict[str, str]:
        """The parts, for programs."""
        return {
            "script": self.address,
            "integrity": assets.integrity(TAG),
            "html": self.html(),
        }
