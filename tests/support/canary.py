"""Secrets that are planted where identifiers can be, and the search for what became of them.

All canaries of one kind begin with the same random mark. The search looks for marks: it costs the
same for one canary or ten thousand, and also finds a canary that was cut short behind its mark.
"""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from tests.support.layers import layers

UNKNOWN = "unknown canary"
"""The channel of a finding that is no whole canary of this run: one that was cut or altered."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A canary that came up: the channel it was planted in, its form, and where it stands."""

    channel: str
    form: str
    where: str
    offset: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Bytes to look for; `folded` ones are looked for in any mixture of cases."""

    form: str
    raw: bytes
    folded: bool


@dataclass(slots=True)
class _Flock:
    """The canaries that share a mark."""

    mark: str
    patterns: Callable[[str], list[_Pattern]]
    secrets: dict[str, str] = field(default_factory=dict)
    of_mark: list[_Pattern] = field(init=False)
    _indexed: int = 0
    _index: dict[str, dict[int, dict[bytes, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.of_mark = self.patterns(self.mark)

    def channel_at(self, form: str, data: bytes, offset: int) -> str:
        """The channel of the canary whose pattern of this form stands at an offset."""
        if self._indexed < len(self.secrets):
            self._index_new()
        by_length = self._index.get(form, {})
        for length in sorted(by_length, reverse=True):
            channel = by_length[length].get(data[offset : offset + length])
            if channel is not None:
                return channel
        return UNKNOWN

    def _index_new(self) -> None:
        for secret in list(self.secrets)[self._indexed :]:
            self._indexed += 1
            for pattern in self.patterns(secret):
                by_length = self._index.setdefault(pattern.form, {})
                known = by_length.setdefault(len(pattern.raw), {})
                known[pattern.raw] = self.secrets[secret]


class Canaries:
    """Makes canaries for named channels and finds them again.

    The same channel gets the same canary of a kind each time. Kinds: `text` (letters in both cases
    and digits), `uuid`, `ipv4` (of 198.18.0.0/15, the benchmarking range), `ipv6` (of the
    documentation range) and `number` (ten digits, below 2**31). Behind the mark stands a serial
    number, and behind that a constant, so that the number survives base64 at every alignment.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)
        self._flocks: list[_Flock] = []
        self._made: dict[tuple[str, str], str] = {}
        self._text = self._flock(self._letters(), text_patterns)
        self._uuid = self._flock(self._uuid_mark(), uuid_patterns)
        self._ipv4 = [self._flock("198.18."), self._flock("198.19.")]
        self._ipv6 = self._flock("2001:db8:")

    def text(self, channel: str) -> str:
        """A word of seventeen letters and digits."""
        return self._make("text", channel, self._text, lambda n: f"{self._text.mark}{n:04x}z")

    def uuid(self, channel: str) -> str:
        """A UUID in lower case."""
        mark = self._uuid.mark
        return self._make("uuid", channel, self._uuid, lambda n: f"{mark}-4{n:03x}-8000-{0:012}")

    def ipv4(self, channel: str) -> str:
        """An IPv4 address, which its network without the host gives away too."""
        flock = self._ipv4[len(self._ipv4[0].secrets) == 255]
        return self._make("ipv4", channel, flock, lambda n: f"{flock.mark}{n}.77")

    def ipv6(self, channel: str) -> str:
        """An IPv6 address, which its network without the host gives away too."""
        return self._make("ipv6", channel, self._ipv6, lambda n: f"2001:db8:{n + 4096:x}::77")

    def number(self, channel: str) -> str:
        """A number of ten digits."""
        if ("number", channel) not in self._made:
            number = str(self._random.randrange(2_000_000_000, 2**31))
            self.adopt(channel, number)
            self._made["number", channel] = number
        return self._made["number", channel]

    @property
    def planted(self) -> set[str]:
        """The channels of all canaries that were made so far."""
        return {channel for flock in self._flocks for channel in flock.secrets.values()}

    def adopt(self, channel: str, secret: str, mark: str | None = None) -> None:
        """Look for text that was made elsewhere, by its mark or whole."""
        self._flock(mark or secret).secrets[secret] = channel

    def search(self, data: bytes, where: str) -> list[Finding]:
        """Every canary in some bytes, each once per form."""
        found: dict[tuple[str, str], Finding] = {}
        folded = data.lower()
        for flock in self._flocks:
            for pattern in flock.of_mark:
                text = folded if pattern.folded else data
                for offset in _offsets(text, pattern.raw):
                    channel = flock.channel_at(pattern.form, text, offset)
                    key = (channel, pattern.form)
                    found.setdefault(key, Finding(channel, pattern.form, where, offset))
        return list(found.values())

    def search_tree(self, folder: Path) -> list[Finding]:
        """Every canary in the names and in all layers of all files under a folder."""
        found: list[Finding] = []
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            found += self.search(name.encode(), f"name of {name}")
            if path.is_file():
                for layer, data in layers(path):
                    found += self.search(data, f"{name} ({layer})")
        return found

    def _make(self, kind: str, channel: str, flock: _Flock, secret: Callable[[int], str]) -> str:
        key = (kind, channel)
        if key not in self._made:
            self._made[key] = secret(len(flock.secrets) + 1)
            flock.secrets[self._made[key]] = channel
        return self._made[key]

    def _flock(self, mark: str, patterns: Callable[[str], list[_Pattern]] | None = None) -> _Flock:
        flock = _Flock(mark, patterns or text_patterns)
        self._flocks.append(flock)
        return flock

    def _letters(self) -> str:
        alphabet = string.ascii_letters + string.digits
        return "Ca9" + "".join(self._random.choices(alphabet, k=9))

    def _uuid_mark(self) -> str:
        digits = f"{self._random.getrandbits(47) | 1 << 47:012x}"
        return f"{digits[:8]}-{digits[8:]}"


def channels(findings: Iterable[Finding]) -> set[str]:
    """The channels that findings name."""
    return {finding.channel for finding in findings}


def text_patterns(text: str) -> list[_Pattern]:
    """How text may be written: plain, as URL, hex, or base64 at each of the three alignments."""
    patterns = [_Pattern("plain", text.lower().encode(), folded=True)]
    raw = text.encode()
    cases = {"": raw, " in lower case": raw.lower(), " in upper case": raw.upper()}
    for case, variant in cases.items():
        if case and variant == raw:
            continue
        percent = "".join(f"%{byte:02x}" for byte in variant)
        patterns.append(_Pattern(f"hex{case}", variant.hex().encode(), folded=True))
        patterns.append(_Pattern(f"url{case}", percent.encode(), folded=True))
        patterns += _base64(f"text{case}", variant)
    return patterns


def uuid_patterns(text: str) -> list[_Pattern]:
    """How a UUID, or its first six bytes, may be written: as text, or as bytes in both orders."""
    digits = text.replace("-", "")
    big = bytes.fromhex(digits)
    little = UUID(digits.ljust(32, "0")).bytes_le[: len(big)]
    patterns = text_patterns(text)
    patterns.append(_Pattern("without dashes", digits.encode(), folded=True))
    patterns += [
        _Pattern("bytes", big, folded=False),
        _Pattern("bytes, little-endian", little, folded=False),
    ]
    patterns += _base64("bytes", big)
    patterns += _base64("without dashes", digits.encode())
    return patterns


def _base64(what: str, raw: bytes) -> Iterator[_Pattern]:
    """The characters of base64 that depend on these bytes alone, wherever in a text they stand."""
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw).rstrip(b"=")
        start, stop = (0, 2, 3)[shift], (shift + len(raw)) * 8 // 6
        core = encoded[start:stop]
        for alphabet, form in (
            (core, "base64"),
            (core.translate(bytes.maketrans(b"+/", b"-_")), "base64url"),
        ):
            if form == "base64" or alphabet != core:
                yield _Pattern(f"{form} of {what}, alignment {shift}", alphabet, folded=False)


def _offsets(data: bytes, pattern: bytes) -> Iterator[int]:
    offset = data.find(pattern)
    while offset >= 0:
        yield offset
        offset = data.find(pattern, offset + 1)
