"""What an anonymous event may hold: an allow-list, applied before anything is written.

Implements A-52, F-P1, F-P3, F-P4 and contracts 7, 11 and 13 for one event, given as its flat
tracker-protocol parameters. Nested JSON is decoded before it is scrubbed; what cannot be decoded is
dropped and reported by place and kind only, never by content.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from whiteout.privacy.agents import coarse_user_agent
from whiteout.privacy.closer import OddEventError
from whiteout.privacy.findings import Findings
from whiteout.privacy.identifiers import BY_PARAMETER
from whiteout.privacy.nested import GONE, JSON_PARAMETERS, VERSIONS, Scrubber, TooDeepError
from whiteout.privacy.quick import scrub_usual
from whiteout.privacy.text import (
    NotBase64Error,
    decode_base64url,
    dump_json,
    encode_base64url,
    error_position,
    load_json,
)
from whiteout.privacy.urls import scrub_url


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an event that cannot be read: where, what kind, and at which position.

    `position` is a byte or element offset where one is known. No content of the event stands in it.
    """

    where: str
    what: str
    position: int | None = None


@dataclass(slots=True)
class Scrubbed:
    """The parameters that an anonymous event keeps, and what was done to get there.

    `redacted` holds names of identifiers that were found and removed; `user` tells whether one of
    them was a user or network identifier, `session` whether a session is still there.
    """

    parameters: dict[str, str]
    redacted: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    user: bool = False
    session: bool = False


def scrub_event(
    parameters: Mapping[str, object],
    known: Collection[str],
    *,
    keep_session: bool = True,
    strict: bool = True,
    loads: Callable[[bytes], Any] = load_json,
    dumps: Callable[[Any], bytes] = dump_json,
) -> Scrubbed:
    """Keep of an anonymous event what it may hold; never raises for anything that `loads` returns.

    `known` are the parameter names of the protocol; any other is removed, and reported when
    `strict` (B-26). The session stays only when `keep_session` is true and the event carries no
    user or network identifier at all (contract 7); where a part cannot be read, nobody knows, and
    it goes. The value of an identifier is removed from all other text too. `loads` must raise
    ValueError or RecursionError for bytes that are not JSON; `dumps` encodes what `loads` returns.
    """
    try:
        texts, redacted, user, session = scrub_usual(
            parameters, known, keep_session=keep_session, loads=loads, dumps=dumps
        )
    except OddEventError:
        return scrub_any(
            parameters, known, keep_session=keep_session, strict=strict, loads=loads, dumps=dumps
        )
    return Scrubbed(texts, redacted, user=user, session=session)


def scrub_any(
    parameters: Mapping[str, object],
    known: Collection[str],
    *,
    keep_session: bool,
    strict: bool,
    loads: Callable[[bytes], Any],
    dumps: Callable[[Any], bytes],
) -> Scrubbed:
    """The same as `scrub_event`, without a short way for usual events."""
    event = _Event(loads, dumps)
    for index, (name, value) in enumerate(parameters.items()):
        event.take(index, name, value, known, strict=strict)
    return event.scrubbed(keep_session=keep_session)


class _Event:
    """One event: what was taken of it, and what was found in that."""

    def __init__(self, loads: Callable[[bytes], Any], dumps: Callable[[Any], bytes]) -> None:
        self._loads = loads
        self._dumps = dumps
        self._findings = Findings()
        self._problems: list[Problem] = []
        self._session: dict[str, object] = {}
        self._plain: dict[str, str] = {}
        self._nested: dict[str, dict[str, Any]] = {}

    def take(
        self, index: int, name: str, value: object, known: Collection[str], *, strict: bool
    ) -> None:
        """Sort a parameter: an identifier, the session, JSON, text, or nothing that is kept."""
        identifier = BY_PARAMETER.get(name)
        if identifier is not None:
            if identifier.with_session:
                self._session[name] = value
            else:
                self._findings.carries(identifier, value)
        elif name not in known:
            if strict:
                self._problems.append(Problem("event", "unknown_parameter", index))
        elif not isinstance(value, str):
            if value is not None or strict:
                self._problems.append(Problem(name, "not_a_string"))
        elif name in JSON_PARAMETERS:
            self._decode(name, value)
        else:
            self._plain[name] = value

    def _decode(self, name: str, text: str) -> None:
        try:
            raw = text.encode()
            value = self._loads(decode_base64url(raw) if JSON_PARAMETERS[name] else raw)
        except NotBase64Error:
            self._problems.append(Problem(name, "not_base64"))
        except RecursionError:
            self._problems.append(Problem(name, "too_deep"))
        except ValueError as error:
            self._problems.append(Problem(name, "not_json", error_position(error)))
        else:
            if isinstance(value, dict):
                self._nested[name] = value
            else:
                self._problems.append(Problem(name, "not_self_describing"))

    def scrubbed(self, *, keep_session: bool) -> Scrubbed:
        """What stays, once nothing more is found that would change what the rest may hold."""
        while True:
            keep = keep_session and self._nobody()
            known = self._findings.values
            texts, session = self._pass(keep_session=keep)
            found = self._findings.values - known
            if keep == (keep_session and self._nobody()) and not _may_stand(found, texts):
                break
        for name in JSON_PARAMETERS.keys() & texts.keys():
            if JSON_PARAMETERS[name]:
                texts[name] = encode_base64url(texts[name].encode()).decode()
        return Scrubbed(
            texts,
            self._findings.names,
            self._problems,
            user=self._findings.user,
            session=session,
        )

    def _nobody(self) -> bool:
        """Whether the event, as far as it was read, carries nobody's identifier (contract 7)."""
        return not self._findings.user and not self._problems

    def _pass(self, *, keep_session: bool) -> tuple[dict[str, str], bool]:
        """The parameters by what is known so far, JSON not encoded, and whether a session stays."""
        scrubber = Scrubber(
            self._findings, keep_session=keep_session, loads=self._loads, dumps=self._dumps
        )
        texts: dict[str, str] = {}
        for name, value in self._session.items():
            if isinstance(value, str) and scrubber.keeps(BY_PARAMETER[name], value):
                texts[name] = value
            else:
                self._findings.carries(BY_PARAMETER[name], value)
        for name, text in self._plain.items():
            texts[name] = self._text(name, text, scrubber)
        for name, nested in list(self._nested.items()):
            kept = self._walk(name, nested, scrubber)
            if kept is not GONE:
                texts[name] = self._dumps(kept).decode()
        return texts, scrubber.session

    def _text(self, name: str, text: str, scrubber: Scrubber) -> str:
        if name in ("url", "refr"):
            return scrub_url(text, keep_campaign=name == "url", findings=self._findings)
        if name == "ua":
            return coarse_user_agent(text)
        return scrubber.text(text, version=name in VERSIONS)

    def _walk(self, name: str, nested: dict[str, Any], scrubber: Scrubber) -> Any:
        """Scrubbed JSON of a parameter; `GONE` when nothing of it is left."""
        try:
            kept = scrubber.walk(nested)
        except TooDeepError:
            del self._nested[name]
            self._problems.append(Problem(name, "too_deep"))
            return GONE
        empty = kept is not GONE and name in ("co", "cx") and kept.get("data") == []
        return GONE if empty else kept


def _may_stand(values: Collection[str], texts: Mapping[str, str]) -> bool:
    """Whether one of these values, in lower case, may stand in a text, encoded or not."""
    if not values:
        return False
    together = "\n".join(texts.values()).lower()
    escaped = "%" in together or "\\" in together
    return escaped or any(value in together for value in values)
