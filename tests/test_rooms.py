"""The rooms of `docs/architecture.md`: each imports only what its row allows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]

STANDARD_LIBRARY_ONLY = frozenset({"privacy", "protocol", "assets", "tracker"})
"""Rooms that import no installed package, but for what `MAY_INSTALL` names."""

MAY_INSTALL: dict[str, frozenset[str]] = {"tracker": frozenset({"urllib3"})}
"""Installed packages that such a room may import after all."""

ROOMS: dict[str, frozenset[str]] = {
    "privacy": frozenset(),
    "protocol": frozenset({"privacy"}),
    "schemas": frozenset({"protocol"}),
    "tracker": frozenset({"protocol", "privacy"}),
    "web": frozenset({"tracker", "protocol", "privacy"}),
    "testing": frozenset({"tracker", "protocol", "privacy"}),
    "assets": frozenset(),
    "spool": frozenset(),
    "collector": frozenset({"protocol", "privacy", "spool", "assets"}),
    "enrich": frozenset({"protocol", "privacy"}),
    "lake": frozenset({"protocol", "privacy"}),
    "feed": frozenset({"protocol"}),
    "proof": frozenset({"privacy", "protocol", "lake", "spool", "feed"}),
    "rights": frozenset({"privacy", "protocol", "lake", "spool", "feed", "proof"}),
    "live": frozenset({"feed", "lake", "proof", "protocol", "privacy", "assets"}),
    "pipeline": frozenset(
        {"spool", "enrich", "lake", "feed", "schemas", "protocol", "privacy", "rights"}
    ),
}
"""What each room may import of whiteout; a room that does not exist yet keeps its row."""

COMPOSITION = frozenset(
    {
        *("__main__", "app", "checks", "cli", "commands", "config", "desk", "edge"),
        *(
            "enrich_options",
            "enrichment",
            "flag",
            "job",
            "keyring",
            "loader",
            "logs",
            "metrics",
            "micro",
            "observer",
        ),
        *("option", "options", "parent", "post", "profiles", "registries"),
        *("server", "tables", "worker"),
    }
)
"""Modules that put the rooms together: they may import everything, and no room imports them."""

FACADE = frozenset({"tracker"})
"""What `import whiteout` itself may import: the bare package is the tracker."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Every import between modules of whiteout, and of installed packages."""
    return grimp.build_graph("whiteout", include_external_packages=True, cache_dir=None)


def room_of(module: str) -> str:
    """The room of a module, `` for the package itself."""
    return module.removeprefix("whiteout").removeprefix(".").partition(".")[0]


def edges(graph: grimp.ImportGraph) -> list[tuple[str, str]]:
    """Every import as the importing module and what it imports."""
    return [
        (importer, imported)
        for importer in sorted(graph.modules)
        if importer.partition(".")[0] == "whiteout"
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
    ]


def allowed(importer: str, imported: str) -> bool:
    """Whether one module of whiteout may import another."""
    source, target = room_of(importer), room_of(imported)
    if source == target or source in COMPOSITION:
        return True
    return target in (FACADE if source == "" else ROOMS.get(source, frozenset()))


def test_every_module_belongs_to_a_room(graph: grimp.ImportGraph) -> None:
    """A new folder or file beside the rooms needs a row here and in the architecture page."""
    present = {room_of(module) for module in graph.find_children("whiteout")}
    assert present <= ROOMS.keys() | COMPOSITION


def test_rooms_import_only_what_their_row_allows(graph: grimp.ImportGraph) -> None:
    """Every import edge between two rooms stands in the table of rooms."""
    forbidden = [
        f"{importer} -> {imported}"
        for importer, imported in edges(graph)
        if imported.partition(".")[0] == "whiteout" and not allowed(importer, imported)
    ]
    assert forbidden == []


def test_pure_rooms_import_the_standard_library_only(graph: grimp.ImportGraph) -> None:
    """Rooms of the bare package need nothing that is not part of Python."""
    forbidden = [
        f"{importer} -> {imported}"
        for importer, imported in edges(graph)
        if room_of(importer) in STANDARD_LIBRARY_ONLY
        and imported.partition(".")[0] not in {"whiteout", *sys.stdlib_module_names}
        and imported not in MAY_INSTALL.get(room_of(importer), frozenset())
    ]
    assert forbidden == []


def test_table_has_no_circle() -> None:
    """The rooms stand on each other in one direction."""
    done: set[str] = set()
    while len(done) < len(ROOMS):
        ready = {room for room, needs in ROOMS.items() if room not in done and needs <= done}
        assert ready, f"rooms in a circle: {sorted(ROOMS.keys() - done)}"
        done |= ready


def test_architecture_page_shows_the_same_table() -> None:
    """The table in `docs/architecture.md` names the rooms and the imports that this test allows."""
    page = (ROOT / "docs/architecture.md").read_text()
    rows = re.findall(r"^\| `([a-z]+)(?:/|\.py)` \|.*\| ([^|]*) \|$", page, flags=re.MULTILINE)
    shown = {room: frozenset(re.findall(r"`([a-z]+)`", cell)) for room, cell in rows}
    assert shown == ROOMS


HEAVY = ("deltalake", "duckdb", "jsonschema_rs", "starlette", "uvicorn", "whiteout.enrich")
"""What takes time to load and memory for as long as a process lives."""


@pytest.mark.parametrize(
    ("program", "loaded"),
    [
        ("whiteout.cli", set()),
        ("whiteout.server", set()),
        ("whiteout.worker", {"starlette", "uvicorn"}),
        ("whiteout.loader", {"deltalake", "jsonschema_rs", "whiteout.enrich"}),
    ],
)
def test_a_process_loads_no_more_than_it_needs(program: str, loaded: set[str]) -> None:
    """The main process, a web worker and the loader each leave out what the others work with."""
    script = f"import sys, {program}; print(*sys.modules)"
    command = [sys.executable, "-c", script]
    modules = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert set(HEAVY).intersection(modules) == loaded
