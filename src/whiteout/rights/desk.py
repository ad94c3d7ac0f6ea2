"""Requests between processes: what is asked for, how far it is, and what came of it.

The command writes a request into the data folder; whoever owns the lake carries it out, and after a
crash its successor goes on. A request names a person, so its file is readable by the owner alone,
and it is overwritten before it is removed. All else here names nobody: the state beside it and the
receipt that stays.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whiteout.lake import sync
from whiteout.protocol.folders import (
    RECEIPTS,
    REQUEST,
    REQUESTS,
    STATE,
    iso,
    new_number,
    write_privately,
)

MOST_ATTEMPTS = 10
"""So often a request is begun, crashes included, before it is given up."""

_DRAFT_SECONDS = 60.0


class RightsError(Exception):
    """A request cannot be carried out at the moment; the text says why, and names nobody."""


class DeskError(RightsError):
    """A request cannot be written or read; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: to `forget` whom a selector names, or to `retain` so many days.

    `asked` is when, in ISO 8601 (UTC). `selector` and `value` are those of a `Selector`.
    """

    number: str
    kind: str
    asked: str
    selector: str = ""
    value: str = field(default="", repr=False)
    days: int = 0


@dataclass(slots=True)
class State:
    """How far a request is; it names nobody.

    `until` is when all that had been accepted before was in the lake; what came later is not
    touched. `taken_in` are the last records of the spool files that are in it. `plan` is what was
    found first, so that nothing is lost of the count in a crash. `trouble` is what went wrong last.
    """

    attempts: int = 0
    step: str = "waiting"
    done: int = 0
    total: int = 0
    began: str = ""
    until: str = ""
    taken_in: dict[str, int] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""


class Desk:
    """The requests of a data folder. Raises DeskError."""

    def __init__(self, folder: Path) -> None:
        self._requests = folder / REQUESTS
        self._receipts = folder / RECEIPTS

    def ask(self, kind: str, *, selector: str = "", value: str = "", days: int = 0) -> Request:
        """Put down a request, durably."""
        moment = datetime.now(UTC)
        number = new_number(moment)
        request = Request(number, kind, iso(moment), selector, value, days)
        self._write(self._requests / (number + REQUEST), asdict(request))
        return request

    def waiting(self) -> list[Request]:
        """The requests that nobody has finished, the oldest first; for who carries them out."""
        try:
            names = sorted(path.name for path in self._requests.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise DeskError(f"cannot read {self._requests}: {error.strerror}") from None
        found = []
        for name in names:
            if name.endswith(STATE) and name.removesuffix(STATE) + REQUEST not in names:
                (self._requests / name).unlink(missing_ok=True)
            if name.endswith(REQUEST):
                content = self._read(self._requests / name)
                with suppress(TypeError):
                    found.append(Request(**(content or {})))
        return found

    def state(self, number: str) -> State:
        """How far a request is."""
        content = self._read(self._requests / (number + STATE))
        known = State.__dataclass_fields__.keys()
        return State(**{name: value for name, value in (content or {}).items() if name in known})

    def note(self, number: str, state: State) -> None:
        """Write down how far a request is."""
        self._write(self._requests / (number + STATE), asdict(state))

    def receipt(self, number: str) -> dict[str, Any] | None:
        """What came of a request, once it is finished."""
        return self._read(self._receipts / f"{number}.json")

    def finish(self, number: str, receipt: dict[str, Any]) -> None:
        """Keep the receipt, and let the request leave the disk, its bytes overwritten."""
        self._write(self._receipts / f"{number}.json", receipt)
        self._wipe(number + REQUEST)
        (self._requests / (number + STATE)).unlink(missing_ok=True)
        self._wipe_drafts()
        sync(self._requests)

    def _wipe_drafts(self) -> None:
        """Remove what a process that was killed left half written."""
        for path in self._requests.glob(".*"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _DRAFT_SECONDS:
                    self._wipe(path.name)

    def _wipe(self, name: str) -> None:
        path = self._requests / name
        with suppress(FileNotFoundError), _told(path):
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()

    @staticmethod
    def _read(path: Path) -> dict[str, Any] | None:
        try:
            content = json.loads(path.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        except OSError as error:
            raise DeskError(f"cannot read {path.parent}: {error.strerror}") from None
        return content if isinstance(content, dict) else None

    @staticmethod
    def _write(path: Path, content: dict[str, Any]) -> None:
        """Write a file whole or not at all, readable by its owner alone, durably."""
        with _told(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_privately(path, json.dumps(content, indent=2).encode())
            sync(path.parent)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into a DeskError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DeskError(f"cannot write into {path.parent}: {error.strerror}") from None
