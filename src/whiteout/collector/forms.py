"""Anonymous events that are like others before them, scrubbed without being decoded (A-52).

The forms are learned from what comes. Making one takes milliseconds, more the longer the event is,
so that only a small share of the time is spent on it; an event without a form is scrubbed all the
same.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from whiteout.collector.codec import dumps, loads
from whiteout.privacy import JSON_PARAMETERS, Form, form_of
from whiteout.protocol.iglu import PAYLOAD_DATA
from whiteout.protocol.record import AnonymousEvent

_MOST_KNOWN = 128
_MOST_ALIKE = 4
# A pause between two forms, in seconds, and how many times as long as making the last one took.
_PAUSE = 0.25
_PATIENCE = 50
_LONGEST = 4_000
_OPENING = tuple(f'{{"schema":"{PAYLOAD_DATA[:-1]}{last}","data":['.encode() for last in range(5))
_CLOSING = b"]}"
_ENCODED = frozenset(name for name, encoded in JSON_PARAMETERS.items() if encoded)


class Forms:
    """The forms that were learned, by how many quotation marks a text of each has."""

    def __init__(self, *, keep_session: bool) -> None:
        self._keep_session = keep_session
        self._known: dict[int, list[Form]] = {}
        self._count = 0
        self._next = 0.0

    def event(self, body: bytes) -> bytes | None:
        """The JSON of an `AnonymousEvent`, the only one of a body; None when no form fits."""
        text = _only_event(body)
        if text is None:
            return None
        for form in self._known.get(text.count('"'), ()):
            found = form.scrubbed(text)
            if found is not None:
                return _encoded(form, *found)
        return None

    def learn(self, body: bytes, event: AnonymousEvent) -> None:
        """Make a form of a body's only event, if it has one. `event` is what is kept of it."""
        text = _only_event(body)
        now = time.monotonic()
        if text is None or event.problems or now < self._next:
            return
        self._try(text, event)
        self._next = now + max(_PAUSE, _PATIENCE * (time.monotonic() - now))

    def _try(self, text: str, event: AnonymousEvent) -> None:
        sent: Any = loads(text.encode())
        if not _ENCODED.isdisjoint(sent):
            return
        nested = {name: loads(sent[name].encode()) for name in JSON_PARAMETERS if name in sent}
        form = form_of(sent, nested, keep_session=self._keep_session)
        found = None if form is None else form.scrubbed(text)
        if form is None or found is None or _encoded(form, *found) != dumps(event):
            return
        if self._count >= _MOST_KNOWN:
            self._known.clear()
            self._count = 0
        self._count += 1
        alike = self._known.setdefault(text.count('"'), [])
        self._known[text.count('"')] = [form, *alike[: _MOST_ALIKE - 1]]


def _only_event(body: bytes) -> str | None:
    """The text of what stands between the brackets of an envelope as trackers write it."""
    if not body.startswith(_OPENING) or not body.endswith(_CLOSING) or len(body) > _LONGEST:
        return None
    try:
        return body[len(_OPENING[0]) : -len(_CLOSING)].decode()
    except UnicodeDecodeError:
        return None


def _encoded(form: Form, parameters: str, names: frozenset[str]) -> bytes:
    return f'{{"parameters":{parameters}{_rest(names, form.user, form.session)}'.encode()


@lru_cache(maxsize=256)
def _rest(names: frozenset[str], user: bool, session: bool) -> str:  # noqa: FBT001 (a cache's key)
    event = AnonymousEvent({}, redacted=sorted(names), user=user, session=session)
    return dumps(event).decode().removeprefix('{"parameters":{}')
