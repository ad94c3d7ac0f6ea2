"""Where the state of a visitor is: which storage, under which key (R22-R26, contract 5)."""

from __future__ import annotations

import re
from typing import Literal

from whiteout.privacy import StorageStrategy
from whiteout.protocol.state import cookie_name
from whiteout.tracker.storage import NullStorage, Storage

Key = Literal["id", "ses", "as"]
"""`id` and `ses` of an identified visitor (R23), `as` of an anonymous session (contract 5)."""

_OWN = re.compile(r"(?:id|ses|as)\.[0-9a-f]{4}")
_NOWHERE = NullStorage()


class Places:
    """The storages of one tracker, and the names of its keys there.

    `domain` is the domain of the cookies, or the host that stands for it, and decides with `path`
    on the hash in the names.
    """

    def __init__(
        self, cookies: Storage, local: Storage, *, prefix: str, domain: str, path: str
    ) -> None:
        self.cookies = cookies
        self.local = local
        self._prefix = prefix
        self._domain = domain
        self._names: dict[Key, str] = {}
        self.set_path(path)

    def set_path(self, path: str) -> None:
        """Use another cookie path, and hence other names (R23)."""
        keys: tuple[Key, ...] = ("id", "ses", "as")
        self._names = {
            key: cookie_name(key, self._domain, path, prefix=self._prefix) for key in keys
        }

    def name(self, key: Key) -> str:
        """The full name of a key."""
        return self._names[key]

    def area(self, strategy: StorageStrategy) -> Storage:
        """The storage in which a strategy keeps ids (R24)."""
        if strategy is StorageStrategy.LOCAL_STORAGE:
            return self.local
        return _NOWHERE if strategy is StorageStrategy.NONE else self.cookies

    def read(self, strategy: StorageStrategy, key: Key) -> str | None:
        """What is stored under a key."""
        return self.area(strategy).get(self._names[key])

    def write(self, strategy: StorageStrategy, key: Key, value: str, ttl: int) -> bool:
        """Store a value for so many seconds; whether it stayed."""
        return self.area(strategy).set(self._names[key], value, ttl)

    def remove(self, strategy: StorageStrategy, key: Key) -> None:
        """Remove a key."""
        self.area(strategy).delete(self._names[key])

    def own(self, area: Storage) -> list[str]:
        """Keys of a storage that are this tracker's, under whatever path and domain (W21)."""
        return [
            name
            for name in area.keys()  # noqa: SIM118  # a storage is no dict
            if name.startswith(self._prefix) and _OWN.fullmatch(name[len(self._prefix) :])
        ]
