"""The official trackers from the npm registry, installed and bundled when they are not yet."""

from __future__ import annotations

from pathlib import Path

from tests.support import npm

WEB = Path(__file__).parents[1] / "e2e" / "web"
"""The folder of the npm package that depends on them."""

BUNDLE = WEB / "dist" / "tracker.js"
"""The official browser tracker as a classic script whose global `tracker` is its module API."""

SCRIPT = WEB / "dist" / "sp.js"
"""The same tracker as a script that answers the usual snippet (R98)."""


def prepare() -> None:
    """Install and bundle, if that was not done since the sources changed; safe in parallel runs."""
    with npm.installed(WEB) as packages:
        if npm.stale(SCRIPT, WEB / "build.mjs", WEB / "official.mjs", packages):
            npm.run(WEB, "node", "build.mjs")


def node(script: str, *arguments: str, timeout: float = 30) -> str:
    """The output of a script of the package, run by Node.js."""
    return npm.run(WEB, "node", script, *arguments, timeout=timeout)
