"""The official plugins from the npm registry, installed and bundled when they are not yet."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

WEB = Path(__file__).parent / "web"
"""The folder of the npm package that depends on them."""

PLUGINS = WEB / "dist" / "plugins.js"
"""A classic script whose global `official` has the module API of each plugin by its subject."""


def plugins() -> bytes:
    """The script with the official plugins; safe in parallel runs."""
    PLUGINS.parent.mkdir(exist_ok=True)
    with (PLUGINS.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = WEB / "node_modules" / ".package-lock.json"
        if _stale(installed, WEB / "package-lock.json"):
            _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            installed.touch()
        if _stale(PLUGINS, WEB / "build.mjs", installed):
            _run("node", "build.mjs")
    return PLUGINS.read_bytes()


def _stale(output: Path, *sources: Path) -> bool:
    if not output.exists():
        return True
    return any(source.stat().st_mtime > output.stat().st_mtime for source in sources)


def _run(program: str, *arguments: str) -> None:
    path = shutil.which(program)
    assert path is not None, f"{program} is not installed"
    done = subprocess.run(
        [path, *arguments], cwd=WEB, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{program} {arguments}: {done.stdout}{done.stderr}"
