"""The tools of the front end, from the npm registry, installed when they are not yet."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path
from typing import Any

from playwright.async_api import Page

FRONTEND = Path(__file__).parents[2] / "frontend"
AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
"""A script that looks for what keeps people from using a page."""


def run(*command: str) -> None:
    """Run a tool in the folder of the front end."""
    program = shutil.which(command[0])
    assert program is not None, f"{command[0]} is not installed"
    done = subprocess.run(
        [program, *command[1:]], cwd=FRONTEND, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def install() -> None:
    """Install what the lock file names, if it was not since that changed; safe in parallel runs."""
    with (FRONTEND / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = FRONTEND / "node_modules" / ".package-lock.json"
        wanted = FRONTEND / "package-lock.json"
        if not done.exists() or done.stat().st_mtime < wanted.stat().st_mtime:
            run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            done.touch()


async def faults(page: Page) -> list[str]:
    """What keeps people from using a page, as rule and first place; nothing that is only advice."""
    install()
    await page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = await page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then((all) => all.violations)"
    )
    return [
        f"{one['id']}: {one['nodes'][0]['html']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
