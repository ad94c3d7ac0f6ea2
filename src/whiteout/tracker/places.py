"""Where the state of a visitor is: which storage, under which key (R22-R26, contract 5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from whiteout.privacy import StorageStrategy
from whiteout.protocol.state import cookie_name
from whiteout.tracker.storage import NullStorage, Storage

Key = Literal["id", "ses", "as"]
"""`id` and `ses` of an identified visitor (R23), `as` of an anonymous session (contract 5)."""

Domains = Callable[[Storage, bool], str]
"""The domain of the keys in a storage; the second argument tells that one is about to be written.

Without it, nothing may be written to find the domain out (W1).
"""

_KEYS: tuple[Key, ...] = ("id", "ses", "as")
_OWN = re.compile(r"(?:id|ses|as)\.[0-9a-f]{4}")
_NOWHERE = NullStorage()


class Places:
    """The storages of one tracker, and the names of its keys there.

    `domain` is the domain of the cookies, or the host that stands for it, and decides with `path`
    on the hash in the names. Where it has to be found out, it is a function.
    """

    def __init__(
        self, cookies: Storage, local: Storage, *, prefix: str, domain: str | Domains, path: str
    ) -> None:
        self.cookies = cookies
        self.local = local
        self._prefix = prefix
        self._domain = domain
        self._path = path
        self._made_for: str | None = None
        self._names: dict[Key, str] = {}

    def set_path(self, path: str) -> None:
        """Use another cookie path, and hence other names (R23)."""
        self._path, self._made_for = path, None

    def name(self, key: Key, area: Storage = _NOWHERE, *, writing: bool = False) -> str:
        """The full name of a key."""
        domain = self._domain
        if not isinstance(domain, str):
            domain = domain(area, writing)
        if domain != self._made_for:
            self._made_for = domain
            self._names = {
                one: cookie_name(one, domain, self._path, prefix=self._prefix) for one in _KEYS
            }
        return self._names[key]

    def area(self, strategy: StorageStrategy) -> Storage:
        """The storage in which a strategy keeps ids (R24)."""
        if strategy is StorageStrategy.LOCAL_STORAGE:
            return self.local
        return _NOWHERE if strategy is StorageStrategy.NONE else self.cookies

    def read(self, strategy: StorageStrategy, key: Key) -> str | None:
        """What is stored under a key."""
        area = self.area(strategy)
        return area.get(self.name(key, area))

    def write(self, strategy: StorageStrategy, key: Key, value: str, ttl: int) -> bool:
        """Store a value for so many seconds; whether it stayed."""
        area = self.area(strategy)
        return area.set(self.name(key, area, writing=True), value, ttl)

    def remove(self, strategy: StorageStrategy, key: Key) -> None:
        """Remove a key."""
        area = self.area(strategy)
        area.delete(self.name(key, area))

    def own(self, area: Storage) -> list[str]:
        """Keys of a storage that are this tracker's, under whatever path and domain (W21)."""
        return [
            name
            for name in area.keys()  # noqa: SIM118  # a storage is no dict
            if name.startswith(self._prefix) and _OWN.fullmatch(name[len(self._prefix) :])
        ]
