"""Where a program of this platform keeps its data."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

_UNSAFE = re.compile(r"[^A-Za-z0-9_\-]+")


def data_folder(
    platform: str = sys.platform, environment: Mapping[str, str] = os.environ
) -> Path | None:
    """The folder for the data of applications, without creating it; None where there is none."""
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if platform == "win32":
        base = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        given = environment.get("XDG_DATA_HOME", "")
        base = Path(given) if given.startswith("/") else home / ".local" / "share"
    return base / "whiteout-tracker"


def file_name(namespace: str, endpoint: str) -> str:
    """The name of the file of a tracker, different for different collectors."""
    host = endpoint.partition("://")[2]
    return f"{_plain(namespace)}-{_plain(host)}.db"


def _plain(text: str) -> str:
    return _UNSAFE.sub("_", text)[:80] or "_"
