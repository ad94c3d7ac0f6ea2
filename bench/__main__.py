"""Run all measurements, or those named, such as `python -m bench acks tag`."""

from __future__ import annotations

import sys

from bench import acks, audit, collect, loader, memory, recipes, rights, tag, tracker

_ALL = {
    "acks": acks.run,
    "audit": audit.run,
    "batches": collect.batches,
    "growth": collect.growth,
    "loader": loader.run,
    "memory": memory.run,
    "recipes": recipes.run,
    "rights": rights.run,
    "tag": tag.run,
    "tracker": tracker.run,
    "workers": collect.workers,
}


def main() -> int:
    """Run what the command line names."""
    names = sys.argv[1:] or list(_ALL)
    unknown = [name for name in names if name not in _ALL]
    if unknown:
        sys.stderr.write(f"there is no measurement {unknown[0]}; there are {', '.join(_ALL)}\n")
        return 2
    passed = [_ALL[name]() for name in names]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
