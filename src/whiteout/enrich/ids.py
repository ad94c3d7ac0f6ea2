"""Ids that a replay after a crash gives again.

A record that was read but not committed is read again, and its event must then get the same id,
else what the feed has shown and what the lake holds would be two events. So an id that the tracker
did not send is derived instead of drawn: from the record's place in the spool where that is known,
else from its bytes. It looks like a random UUID (version 4).
"""

from __future__ import annotations

from hashlib import blake2b

from whiteout.protocol.ids import as_uuid


class Ids:
    """The ids of one record; nothing is computed before one is asked for."""

    __slots__ = ("_seed", "_source")

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._seed = b""

    def event(self, index: int) -> str:
        """The id of the event at a position of the request."""
        return self._id(b"event", index)

    def failure(self, index: int) -> str:
        """The id of the failed event at a position of the request."""
        return self._id(b"failure", index)

    def _id(self, kind: bytes, index: int) -> str:
        if not self._seed:
            self._seed = blake2b(self._source, digest_size=32).digest()
        name = b"%s %d" % (kind, index)
        return as_uuid(blake2b(name, key=self._seed, digest_size=16).hexdigest())
