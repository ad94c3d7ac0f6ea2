"""The official trackers from the npm registry, installed and bundled when they are not yet."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

WEB = Path(__file__).parents[1] / "e2e" / "web"
"""The folder of the npm package that depends on them."""

BUNDLE = WEB / "dist" / "tracker.js"
"""The official browser tracker as a classic script whose global `tracker` is its module API."""

SCRIPT = WEB / "dist" / "sp.js"
"""The same tracker as a script that answers the usual snippet (R98)."""

_INSTALLED = WEB / "node_modules" / ".package-lock.json"


def prepare() -> None:
    """Install and bundle, if that was not done since the sources changed; safe in parallel runs."""
    BUNDLE.parent.mkdir(exist_ok=True)
    with (BUNDLE.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _stale(_INSTALLED, WEB / "package-lock.json"):
            _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            _INSTALLED.touch()
        if _stale(SCRIPT, WEB / "build.mjs", WEB / "official.mjs", _INSTALLED):
            _run("node", "build.mjs")


def node(script: str, *arguments: str, timeout: float = 30) -> str:
    """The output of a script of the package, run by Node.js."""
    return _run("node", script, *arguments, timeout=timeout)


def _stale(output: Path, *sources: Path) -> bool:
    if not output.exists():
        return True
    return any(source.stat().st_mtime > output.stat().st_mtime for source in sources)


def _run(program: str, *arguments: str, timeout: float = 120) -> str:
    path = shutil.which(program)
    assert path is not None, f"{program} is not installed"
    done = subprocess.run(
        [path, *arguments], cwd=WEB, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, f"{program} {arguments}: {done.stdout}{done.stderr}"
    return done.stdout
