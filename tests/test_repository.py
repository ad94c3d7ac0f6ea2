"""What may stand in the files of this repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from urllib.parse import urlsplit

import grimp
import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 400
"""Most lines of a source file."""

LONGER: dict[str, str] = {"frontend/src/texts.ts": "every text of the pages stands in one place"}
"""Source files that may be longer, each with the reason."""

SKIPPED: dict[str, str] = {}
"""Tests that may be skipped, as file and reason."""

INDIRECT: dict[str, str] = {
    "pytz": "DuckDB imports it to convert time stamps",
    "ua-parser-rs": "ua-parser has its native core in it",
    "uvloop": "uvicorn runs on it where it is there",
}
"""Packages of the extra `server` that the source does not import itself."""

FRAMEWORKS = frozenset({"asgiref", "django"})
"""Packages that a part of `whiteout.web` imports which only their users load."""

BUILT = ("src/whiteout/assets/", "frontend/package-lock.json", "tests/e2e/web/package-lock.json")
"""What a tool wrote."""


def tracked() -> list[Path]:
    """Every file that is, or would be, committed."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [
        path for name in sorted(listing.split("\0")) if name and (path := ROOT / name).is_file()
    ]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The text of every file, by its name."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes().decode("utf-8", errors="replace")
        for path in tracked()
    }


def found(texts: dict[str, str], pattern: str, *, flags: re.RegexFlag = re.NOFLAG) -> list[str]:
    """Every place where a pattern occurs, as `file: text`."""
    return [
        f"{name}: {match.group()}"
        for name, text in texts.items()
        for match in re.finditer(pattern, text, flags)
    ]


def registry_hosts() -> set[str]:
    """Hosts of package registries: those that the tools know by themselves, and this machine's."""
    pip = [sys.executable, "-m", "pip"]
    index = (
        "from pip._internal.models.index import PyPI; print(f'https://{PyPI.file_storage_domain}/')"
    )
    commands = [
        [*pip, "config", "list"],
        [*pip, "install", "--help"],
        [sys.executable, "-c", index],
    ]
    if shutil.which("npm"):
        commands.append(["npm", "config", "list", "--long"])
    wide = {**os.environ, "COLUMNS": "400"}
    said = [
        subprocess.run(
            command, cwd=ROOT, check=True, capture_output=True, text=True, env=wide
        ).stdout
        for command in commands
    ]
    said += [path.read_text() for path in Path("/etc/apt").glob("sources.list*/*.sources")]
    said += [path.read_text() for path in Path("/etc/apt").glob("sources.list*/*.list")]
    urls = re.findall(r"https?://[^\s\"',)]+", "\n".join(said))
    hosts = {host for url in urls if (host := urlsplit(url).hostname) is not None}
    return hosts - {"localhost", "127.0.0.1", "::1"}


def test_no_registry_is_named(texts: dict[str, str]) -> None:
    """Where packages come from is the business of the machine that installs them."""
    hosts = registry_hosts()
    assert hosts, "no tool names a registry: this test would see nothing"
    assert found(texts, "|".join(map(re.escape, sorted(hosts)))) == []


def test_lock_files_pin_versions_and_no_place(texts: dict[str, str]) -> None:
    """Lock files name no registry, and each of them has the setting that keeps it so."""
    locks = [name for name in texts if name.endswith("package-lock.json")]
    for name in locks:
        packages = json.loads(texts[name])["packages"].values()
        assert [package["resolved"] for package in packages if "resolved" in package] == []
        setting = texts[str(Path(name).with_name(".npmrc"))]
        assert "omit-lockfile-registry-resolved=true" in setting.splitlines()
    assert [line for line in texts["constraints.txt"].splitlines() if not pinned(line)] == []


def pinned(line: str) -> bool:
    """Whether a line of the constraints is a name and one version."""
    return re.fullmatch(r"[A-Za-z0-9._\-]+==[A-Za-z0-9.+]+", line) is not None


def wanted(extra: str) -> set[str]:
    """Names of the packages that an extra asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["optional-dependencies"][extra]
    return {normal(re.split(r"[<>=;! ]", line)[0]) for line in lines}


def test_constraints_satisfy_the_ranges() -> None:
    """Each package that `server` and `dev` ask for is pinned."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned_names = {normal(line.partition("==")[0]) for line in lines}
    assert (wanted("server") | wanted("dev")) - pinned_names == set()


def test_extra_asks_for_what_the_package_imports() -> None:
    """The extra `server` asks for what the source imports, and for what those packages need."""
    graph = grimp.build_graph("whiteout", include_external_packages=True, cache_dir=None)
    owners = packages_distributions()
    imported = {
        normal(owner)
        for module in graph.modules
        if (top := module.partition(".")[0]) not in {"whiteout", *sys.stdlib_module_names}
        for owner in owners[top]
    }
    assert imported - FRAMEWORKS == wanted("server") - INDIRECT.keys()


def normal(name: str) -> str:
    """A package name as tools compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_bare_package_needs_nothing() -> None:
    """Without extras, whiteout installs nothing else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == []


def test_no_path_of_a_machine(texts: dict[str, str]) -> None:
    """No file names a place that exists on one machine only."""
    for place in (ROOT, Path.home()):
        if len(place.parts) > 2:
            assert found(texts, rf"{re.escape(str(place))}\b") == []
    assert found(texts, r"(?<![\w.\-/])/(?:home|Users|root)/\w+") == []


def test_nothing_is_left_over(texts: dict[str, str]) -> None:
    """What is not done stands in the documentation, not in a remark in the code."""
    written = {name: text for name, text in texts.items() if not name.startswith(BUILT)}
    assert found(written, r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b") == []
    code = {name: text for name, text in written.items() if name.endswith((".py", ".ts"))}
    assert found(code, "NotImplemented" + "Error") == []


def test_no_test_is_skipped(texts: dict[str, str]) -> None:
    """A test that does not run proves nothing; each exception is listed with its reason."""
    skips = (
        r"pytest\.(?:mark\.)?(?:skip|skipif|xfail|importorskip)\b|\b(?:it|test|describe)\.skip\b"
    )
    tests = {
        name: text
        for name, text in texts.items()
        if name.startswith(("tests/", "bench/")) and name not in SKIPPED
    }
    del tests["tests/test_repository.py"]
    assert found(tests, skips) == []


def test_source_files_are_short(texts: dict[str, str]) -> None:
    """One concept a file: a source file that grows too long wants to be two."""
    lengths = {
        name: text.count("\n")
        for name, text in texts.items()
        if re.search(r"^(?:src|frontend/src|bench|scripts)/.*\.(?:py|ts)$", name)
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST and name not in LONGER} == {}
    assert [name for name in LONGER if lengths.get(name, 0) <= LONGEST] == []


def test_work_is_not_described_by_number(texts: dict[str, str]) -> None:
    """Files explain themselves, without a number in somebody's list of work."""
    assert found(texts, r"\bissues? #?\d+", flags=re.IGNORECASE) == []


def test_files_end_well(texts: dict[str, str]) -> None:
    """Each written file ends with a line feed and has no blanks at the end of a line."""
    written = {
        name: text
        for name, text in texts.items()
        if text and not name.startswith(BUILT) and "\0" not in text and "\ufffd" not in text
    }
    assert [name for name, text in written.items() if not text.endswith("\n")] == []
    assert found(written, r"[ \t]+$", flags=re.MULTILINE) == []


@pytest.mark.parametrize("name", [".ci/run", "scripts/setup.sh"])
def test_scripts_are_executable_and_parse(name: str) -> None:
    """A shell script can be run as it is, and bash can read it."""
    path = ROOT / name
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0
