"""The bare package on every Python that is here: nothing but the standard library, no warning."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tracker.http import Listener

ROOT = Path(__file__).parents[2]
NAMES = [f"python3.{minor}" for minor in range(11, 15)]
PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
import whiteout.web
from whiteout import Tracker
from whiteout.testing import MemoryCollector

def modes():
    for options in (False, True, {"with_session_tracking": True},
                    {"with_server_anonymisation": True}):
        for strategy in ("cookieAndLocalStorage", "cookie", "localStorage", "none"):
            collector = MemoryCollector()
            tracker = collector.tracker(anonymous_tracking=options, state_storage_strategy=strategy)
            tracker.set_user_id("bob")
            tracker.track_page_view("https://shop.example.test/")
            (event,) = collector
            yield [sorted(set(event) & {"duid", "sid", "vid", "uid"}), event.server_anonymous]

with Tracker("p", sys.argv[2], state_storage_strategy="localStorage",
             data_folder=sys.argv[3]) as tracker:
    for number in range(20):
        tracker.track_struct_event("python", str(number))
print(json.dumps([sys.version_info[:2], list(modes())]))
"""


def interpreters() -> list[str]:
    """Each Python that runs here, on the path or among the versions of pyenv."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    folders = [*os.environ["PATH"].split(os.pathsep), *map(str, versions.glob("3.*/bin"))]
    found: dict[str, str] = {}
    for folder in folders:
        for name in NAMES:
            path = shutil.which(name, path=folder)
            if path is not None and name not in found:
                tried = subprocess.run([path, "-c", ""], capture_output=True, check=False)
                found |= {name: path} if tried.returncode == 0 else {}
    return sorted(found.values())


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: Path(path).name)
def test_the_bare_package(python: str, tmp_path: Path) -> None:
    """It tracks by modes and strategies, keeps ids in a file and sends over HTTP (R24, R145)."""
    with Listener() as listener:
        done = subprocess.run(
            [
                *(python, "-I", "-W", "error", "-c", PROGRAM),
                *(str(ROOT / "src"), listener.url, str(tmp_path)),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        events = listener.events
    assert done.stderr == ""
    version, rows = json.loads(done.stdout)
    assert tuple(version) >= (3, 11)
    ids = ["duid", "sid", "uid", "vid"]
    kept, session = [ids, False], [["sid", "vid"], False]
    assert rows[:4] == [kept, kept, kept, [ids[1:], False]]
    assert rows[4:8] == [[[], False]] * 4
    assert rows[8:12] == [session, session, session, [[], False]]
    assert rows[12:] == [[[], True]] * 4
    assert [event["se_ac"] for event in events] == [str(number) for number in range(20)]
    assert len({event["duid"] for event in events}) == 1
