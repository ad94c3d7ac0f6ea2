"""The public names of each room: `__all__` says exactly what a room offers."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import pytest

import whiteout

ROOMS = sorted(room.name for room in pkgutil.iter_modules(whiteout.__path__) if room.ispkg)


def offered(module: ModuleType) -> set[str]:
    """Names that a module offers without an underscore in front, other modules left out."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType) and name != "annotations"
    }


@pytest.mark.parametrize("room", ROOMS)
def test_facade_of_a_room_lists_what_it_offers(room: str) -> None:
    """A room's `__all__` has no name twice, none in vain, and all that the room re-exports."""
    module = importlib.import_module(f"whiteout.{room}")
    names: list[str] = list(getattr(module, "__all__", []))
    assert len(names) == len(set(names))
    assert set(names) <= set(dir(module))
    assert made_in(module, room) <= set(names)


def made_in(module: ModuleType, room: str) -> set[str]:
    """Public names of a façade that were made in its own room."""
    return {
        name
        for name in offered(module)
        if str(getattr(getattr(module, name), "__module__", "")).startswith(f"whiteout.{room}")
    }


def test_facade_of_the_package() -> None:
    """`import whiteout` offers its version and the tracker, and nothing by accident."""
    assert all(getattr(whiteout, name) for name in whiteout.__all__)
    assert set(whiteout.__all__) == offered(whiteout) | {"__version__"}
    assert whiteout.__version__.count(".") == 2
