"""Secrets that are planted where identifiers can be, and the search for what became of them.

All canaries of one kind begin with the same random mark. The search looks for the marks too, so it
also finds a canary that was cut short or altered behind its mark.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from whiteout.proof.family import Family
from whiteout.proof.forms import Pattern, digests, patterns, uuid_patterns
from whiteout.proof.search import UNKNOWN, Found, Searcher

_NETWORKS = ("198.18.", "198.19.", "100.64.", "100.65.", "100.66.")


@dataclass(slots=True)
class _Flock:
    """The canaries that share a mark."""

    mark: str
    is_uuid: bool = False
    secrets: dict[str, str] = field(default_factory=dict)

    def marks(self) -> Iterator[tuple[str, Pattern]]:
        """The mark in each of its forms."""
        for pattern in patterns(self.mark, hashed=False):
            yield UNKNOWN, pattern
        if self.is_uuid:
            for pattern in uuid_patterns(self.mark.replace("-", "")):
                yield UNKNOWN, pattern

    def hashed(self, beginnings: tuple[str, ...]) -> Iterator[tuple[str, Pattern]]:
        """The digests of the canaries whose channels begin like this."""
        for secret, channel in self.secrets.items():
            if channel.startswith(beginnings):
                for pattern in digests(secret):
                    yield channel, pattern


class Canaries:
    """Makes canaries for named channels and finds them again.

    The same channel gets the same canary of a kind each time. Kinds: `text` (letters in both cases
    and digits), `uuid`, `ipv4` (of the ranges for benchmarking and for carriers), `ipv6` (of the
    documentation range) and `number` (ten digits, below 2**31). Canaries of another `lane`, of
    which there are five, share no address. Behind the mark stands a serial
    number, and behind that a constant, so that the number survives base64 at every alignment.
    `hashed` are beginnings of channels that are looked for as digests too: a digest has no mark, so
    each one makes the search slower.
    """

    def __init__(
        self, seed: int | None = None, *, lane: int = 0, hashed: tuple[str, ...] = ("",)
    ) -> None:
        self._hashed = hashed
        self._random = random.Random(seed)  # noqa: S311 (they have to differ, not to be secret)
        self._flocks: list[_Flock] = []
        self._made: dict[tuple[str, str], str] = {}
        self._numbers: dict[int, str] = {}
        self._text = self._flock(self._letters())
        self._uuid = self._flock(self._uuid_mark(), is_uuid=True)
        self._ipv4 = self._flock(_NETWORKS[lane])
        self._ipv6 = self._flock(f"2001:db8:{lane + 1}")
        self._searcher: tuple[int, Searcher] | None = None

    def text(self, channel: str) -> str:
        """A word of seventeen letters and digits."""
        return self._make("text", channel, self._text, lambda n: f"{self._text.mark}{n:04x}z")

    def uuid(self, channel: str) -> str:
        """A UUID in lower case."""
        mark = self._uuid.mark
        return self._make("uuid", channel, self._uuid, lambda n: f"{mark}-4{n:03x}-8000-{0:012}")

    def ipv4(self, channel: str) -> str:
        """An IPv4 address, which its network without the host gives away too."""
        mark = self._ipv4.mark
        return self._make("ipv4", channel, self._ipv4, lambda n: f"{mark}{n % 256}.{77 + n // 256}")

    def ipv6(self, channel: str) -> str:
        """An IPv6 address, which its network without the host gives away too."""
        mark = self._ipv6.mark
        return self._make("ipv6", channel, self._ipv6, lambda n: f"{mark}{n:03x}::77")

    def number(self, channel: str) -> str:
        """A number of ten digits."""
        if ("number", channel) not in self._made:
            number = str(self._random.randrange(2_000_000_000, 2**31))
            self.adopt(channel, number)
            self._numbers[int(number)] = channel
            self._made["number", channel] = number
        return self._made["number", channel]

    @property
    def planted(self) -> set[str]:
        """The channels of all canaries that were made so far."""
        return {channel for flock in self._flocks for channel in flock.secrets.values()}

    def adopt(self, channel: str, secret: str, mark: str | None = None) -> None:
        """Look for text that was made elsewhere, by its mark or whole."""
        self._flock(mark or secret).secrets[secret] = channel

    def search(self, data: bytes, where: str) -> list[Found]:
        """Every canary in some bytes, each once per form."""
        return self.searcher().data(data, where)

    def search_tree(self, folder: Path) -> list[Found]:
        """Every canary in the names and in all layers of all files under a folder."""
        return self.searcher().folder(folder)

    def searcher(self) -> Searcher:
        """A search for all canaries that were made so far."""
        count = sum(len(flock.secrets) for flock in self._flocks)
        if self._searcher is None or self._searcher[0] != count:
            self._searcher = count, search_for({"": self})
        return self._searcher[1]

    @property
    def numbers(self) -> dict[int, str]:
        """The channels of the numbers."""
        return self._numbers

    def needles(self) -> Iterator[tuple[str, Pattern]]:
        """The marks, and the digests of what is looked for by those."""
        for flock in self._flocks:
            if flock.secrets:
                yield from flock.marks()
                yield from flock.hashed(self._hashed)

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Every canary with its channel."""
        for flock in self._flocks:
            yield from flock.secrets.items()

    def _make(self, kind: str, channel: str, flock: _Flock, secret: Callable[[int], str]) -> str:
        key = (kind, channel)
        if key not in self._made:
            self._made[key] = secret(len(flock.secrets) + 1)
            flock.secrets[self._made[key]] = channel
        return self._made[key]

    def _flock(self, mark: str, *, is_uuid: bool = False) -> _Flock:
        flock = _Flock(mark, is_uuid)
        self._flocks.append(flock)
        return flock

    def _letters(self) -> str:
        alphabet = string.ascii_letters + string.digits
        return "Ca9" + "".join(self._random.choices(alphabet, k=9))

    def _uuid_mark(self) -> str:
        digits = f"{self._random.getrandbits(47) | 1 << 47:012x}"
        return f"{digits[:8]}-{digits[8:]}"


def search_for(groups: Mapping[str, Canaries]) -> Searcher:
    """One search for several groups of canaries; what is found is named after its group."""
    return Searcher(
        [(group + name, p) for group, made in groups.items() for name, p in made.needles()],
        {n: group + name for group, made in groups.items() for n, name in made.numbers.items()},
        {group + UNKNOWN: Family(partial(_named, group, made)) for group, made in groups.items()},
    )


def _named(group: str, made: Canaries) -> dict[str, str]:
    return {secret: group + channel for secret, channel in made.secrets()}


def channels(findings: Iterable[Found]) -> set[str]:
    """The channels that findings name."""
    return {finding.name for finding in findings}
