"""Local storage of the browser: ids, shared with the tag, and events that wait (R25, R137)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from whiteout.privacy import Mode
from whiteout.tracker import browser
from whiteout.tracker.backlog import LEASE, Stored
from whiteout.tracker.items import Item

_EXPIRES = ".expires"
_NAMES = "whiteout_queue."


def _area() -> Any:
    """The storage itself. Raises where it is blocked."""
    return browser.js().localStorage


class PageStorage:
    """Keeps texts in local storage until their time is up. `clock` tells epoch seconds."""

    background = False

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def get(self, key: str) -> str | None:
        """The text under a key; one whose time is up is removed."""
        try:
            expires = _area().getItem(key + _EXPIRES)
            if expires is not None and not _number(expires) > self._clock() * 1000:
                self.delete(key)
            text = _area().getItem(key)
        except Exception:  # noqa: BLE001  # a browser forbids it in ways of its own
            return None
        return None if text is None else str(text)

    def set(self, key: str, value: str, max_age: int) -> bool:
        """Keep a text."""
        try:
            _area().setItem(key + _EXPIRES, str(int((self._clock() + max_age) * 1000)))
            _area().setItem(key, value)
        except Exception:  # noqa: BLE001  # blocked, or full
            return False
        return self.get(key) == value

    def delete(self, key: str) -> None:
        """Remove a text, and the time at which it ends."""
        try:
            _area().removeItem(key)
            _area().removeItem(key + _EXPIRES)
        except Exception:  # noqa: BLE001  # as above
            return

    def keys(self) -> list[str]:
        """Every key, whoever it belongs to."""
        return [name for name in _names() if not name.endswith(_EXPIRES)]


def _names() -> list[str]:
    try:
        return [str(_area().key(number)) for number in range(int(_area().length))]
    except Exception:  # noqa: BLE001  # as above
        return []


def _number(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return 0.0


class PageBacklog:
    """The queue in local storage, an entry for each event, with at most `most` of them.

    Tabs share it: an event that one is about to send is leased to it, so another leaves it alone.
    """

    def __init__(self, name: str, most: int) -> None:
        self._prefix = f"{_NAMES}{name}."
        self._most = most

    def _entries(self, owner: str | None = None) -> Iterator[tuple[int, list[Any]]]:
        """Numbers and entries, the oldest first: mode, owner, the end of the lease, the event."""
        start = len(self._prefix)
        mine = [name[start:] for name in _names() if name.startswith(self._prefix)]
        for number in sorted(int(text) for text in mine if text.isdigit()):
            entry = self._read(number)
            if entry and owner in (None, entry[1]):
                yield number, entry

    def _read(self, number: int) -> list[Any]:
        """An entry; nothing if it is gone meanwhile, or was never ours."""
        try:
            entry: list[Any] = json.loads(str(_area().getItem(f"{self._prefix}{number}")))
            Mode(entry[0])
        except Exception:  # noqa: BLE001  # whatever a stranger has put there
            return []
        return entry if len(entry) == 4 else []

    def _write(self, number: int, entry: Sequence[Any]) -> None:
        text = json.dumps(entry, separators=(",", ":"), ensure_ascii=False)
        _area().setItem(f"{self._prefix}{number}", text)

    @staticmethod
    def _item(entry: Sequence[Any]) -> Item:
        return Item.stored(str(entry[3]).encode(), Mode(entry[0]), str(entry[1]))

    @staticmethod
    def _entry(item: Item) -> list[Any]:
        # An owner would tie anonymous events together.
        owner = item.owner if item.mode is Mode.IDENTIFIED else ""
        return [item.mode.value, owner, 0, item.raw.decode()]

    def put(self, items: Sequence[Item]) -> tuple[list[int], int] | None:
        """Keep events; their numbers, and how many older ones had to go. None if nothing is kept.

        A number grows with time, so that events of all tabs are in order.
        """
        known = [number for number, _ in self._entries()]
        number = max([int(time.time() * 1_000_000), *known])
        numbers: list[int] = []
        try:
            for item in items:
                number += 1
                self._write(number, self._entry(item))
                numbers.append(number)
        except Exception:  # noqa: BLE001  # blocked, or full
            self.remove(numbers)
            return None
        over = max(0, len(known) + len(items) - self._most)
        self.remove([*known, *numbers][:over])
        return numbers, over

    def claim(self, mode: Mode, limit: int, takes: Callable[[bytes], bool]) -> list[Stored]:
        """The oldest events of a mode that nobody is sending, leased to the caller."""
        now = time.time()
        found: list[Stored] = []
        for number, entry in self._entries():
            if entry[0] != mode.value or _number(entry[2]) > now:
                continue
            item = self._item(entry)
            if len(found) >= limit or not takes(item.raw):
                break
            try:
                self._write(number, [*entry[:2], now + LEASE, entry[3]])
            except Exception:  # noqa: BLE001  # blocked, or full
                break
            found.append((number, item))
        return found

    def release(self, ids: Iterable[int]) -> None:
        """Events were not sent after all."""
        wanted = set(ids)
        for number, entry in self._entries():
            if number in wanted:
                self._write(number, [*entry[:2], 0, entry[3]])

    def remove(self, ids: Iterable[int]) -> None:
        """Events were sent, or never will be."""
        for number in ids:
            _area().removeItem(f"{self._prefix}{number}")

    def modes(self) -> dict[Mode, int]:
        """How many events wait, by mode."""
        found: dict[Mode, int] = {}
        for _, entry in self._entries():
            mode = Mode(entry[0])
            found[mode] = found.get(mode, 0) + 1
        return found

    def purge(self, owner: str | None) -> int:
        """Remove what waits, of one owner or of all; how many events that were."""
        return len(self.take_out(owner))

    def change(self, owner: str | None, change: Callable[[Item], None]) -> None:
        """Change what waits, of one owner or of all; what is empty then goes."""
        for number, entry in self._entries(owner):
            item = self._item(entry)
            # What cannot be changed must not stay as it is (W23).
            self.remove([number])
            change(item)
            if item.raw:
                self._write(number, self._entry(item))

    def take_out(self, owner: str | None) -> list[Item]:
        """Remove what waits, of one owner or of all, and return it (W4)."""
        found = list(self._entries(owner))
        self.remove(number for number, _ in found)
        return [self._item(entry) for _, entry in found]

    def child(self) -> None:
        """A page does not fork."""
