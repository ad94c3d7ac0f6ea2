"""The front end: what is committed is what its sources give, and it agrees with the rules."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.live.tools import FRONTEND, install, run
from whiteout import assets
from whiteout.privacy import Mode, forbidden_columns

SOURCES = {path.name: path.read_text() for path in sorted((FRONTEND / "src").glob("*.ts"))}
PAGES = sorted(path.name for path in (FRONTEND / "src").glob("*.html"))
COLUMNS = {
    "user_id",
    "domain_userid",
    "domain_sessionid",
    "domain_sessionidx",
    "network_userid",
    "user_ipaddress",
}


@pytest.fixture(scope="module")
def tools() -> None:
    """The build tools."""
    install()


@pytest.mark.usefixtures("tools")
def test_committed_files_are_what_the_sources_give(tmp_path: Path) -> None:
    """A fresh build has the same files with the same bytes."""
    run("node", "build.mjs", str(tmp_path))
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {"live.js", "try.js", "live.css", "live.html", "try.html", "signin.html"} <= set(built)
    assert {name for name in built if assets.read(name) != built[name]} == set()


@pytest.mark.usefixtures("tools")
def test_types_are_strict_and_hold() -> None:
    """The compiler finds nothing."""
    assert json.loads((FRONTEND / "tsconfig.json").read_text())["compilerOptions"]["strict"]
    run("npm", "run", "check")


@pytest.mark.parametrize("mode", Mode)
def test_white_outs_follow_the_table_of_identifiers(mode: Mode) -> None:
    """What the page says a mode forbids is what the privacy rules forbid (contract 9)."""
    permissions = json.loads((FRONTEND / "src" / "permissions.json").read_text())
    assert set(permissions) == set(Mode)
    assert set(permissions[mode]) == forbidden_columns(mode) & COLUMNS


def test_nothing_parses_markup() -> None:
    """No source turns text into elements or code, nor sets style or handlers by attribute."""
    pattern = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextual"
        r"|\beval\b|new Function|setHTML|srcdoc|\.on[a-z]+ ?=|javascript:"
    )
    found = [
        f"{name}: {hit}" for name, text in SOURCES.items() for hit in re.findall(pattern, text)
    ]
    assert found == []


def test_the_page_keeps_nothing_in_the_browser() -> None:
    """No page uses storage or cookies but to look what is there; nothing comes from elsewhere."""
    pattern = (
        r"localStorage\.|sessionStorage\.|\.setItem|\.getItem|document\.cookie(?!\.split)"
        r"|indexedDB|https?://(?!\w+\.example|www\.w3\.org)"
    )
    allowed = {"attempt.ts", "belongings.ts", "choice.ts", "demo.ts", "texts.ts"}
    found = [
        f"{name}: {hit}"
        for name, text in SOURCES.items()
        if name not in allowed
        for hit in re.findall(pattern, text)
    ]
    assert found == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_have_no_inline_script_or_style(name: str) -> None:
    """The policy forbids both, so there must be none."""
    page = assets.read(name).decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page) == []
    assert "{{" not in page


def test_texts_stand_in_one_file() -> None:
    """Templates hold places for texts, and no words of their own."""
    names = {"white", "out", "whiteout", "·", "0", "j", "k", "/", "Enter", "Space"}
    for path in (FRONTEND / "src").glob("*.html"):
        words = re.sub(r"<!doctype html>|<[^>]*>|\{\{[\w.:]+\}\}|%\w+%", " ", path.read_text())
        assert set(words.split()) <= names | COLUMNS


def test_assets_can_be_had_as_paths() -> None:
    """A built file is there as bytes and as a path; another name is an error."""
    with assets.path("live.js") as path:
        assert path.read_bytes() == assets.read("live.js")
    for name in ("none.js", "__init__.py", "../__init__.py"):
        for get in (assets.read, assets.path, assets.digest):
            with pytest.raises(KeyError):
                get(name)
