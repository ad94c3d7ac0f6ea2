"""The official plugins from the npm registry, installed and bundled when they are not yet."""

from __future__ import annotations

from pathlib import Path

from tests.support import npm

WEB = Path(__file__).parent / "web"
"""The folder of the npm package that depends on them."""

PLUGINS = WEB / "dist" / "plugins.js"
"""A classic script whose global `official` has the module API of each plugin by its subject."""


def plugins() -> bytes:
    """The script with the official plugins; safe in parallel runs."""
    with npm.installed(WEB) as packages:
        if npm.stale(PLUGINS, WEB / "build.mjs", packages):
            npm.run(WEB, "node", "build.mjs")
    return PLUGINS.read_bytes()
