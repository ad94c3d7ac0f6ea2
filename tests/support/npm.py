"""Packages from the npm registry, installed into a folder when they are not there yet."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def installed(folder: Path) -> Iterator[Path]:
    """The packages of a folder are there; as long as the block runs, nobody else builds with them.

    The value is the file that changes whenever they were installed anew.
    """
    folder.joinpath("dist").mkdir(exist_ok=True)
    with (folder / "dist" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = folder / "node_modules" / ".package-lock.json"
        if stale(mark, folder / "package-lock.json"):
            run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            mark.touch()
        yield mark


def stale(output: Path, *sources: Path) -> bool:
    """Whether a file is missing, or older than one of its sources."""
    if not output.exists():
        return True
    return any(source.stat().st_mtime > output.stat().st_mtime for source in sources)


def run(folder: Path, program: str, *arguments: str, timeout: float = 120) -> str:
    """The output of a program that ends well."""
    path = shutil.which(program)
    assert path is not None, f"{program} is not installed"
    done = subprocess.run(
        [path, *arguments], cwd=folder, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, f"{program} {arguments}: {done.stdout}{done.stderr}"
    return done.stdout
