"""An event that waits to be sent, and what takes its ids away (W23, R34)."""

from __future__ import annotations

import json
import re
from typing import Any

from whiteout.privacy import Anonymity, Mode, decode_base64url, dump_json, encode_base64url
from whiteout.tracker.draft import NOBODY, Draft
from whiteout.tracker.encoding import to_json, utf8
from whiteout.tracker.identity import Allowance, admit
from whiteout.tracker.log import failed

_VIEW = re.compile(r"iglu:com\.snowplowanalytics\.snowplow/web_page/")
_STATE = re.compile(r"iglu:io\.whiteout/privacy_state/")
_ENCODED = (("cx", "co"), ("ue_px", "ue_pr"))
_STRICT = Allowance()


class Item:
    """One event in a queue.

    It keeps the mode with which it was tracked. `owner` says whose it is; `keeps` whether it may be
    kept on disk. `gone` tells that it must not be sent any more, and `demand` that its ids must go:
    whoever has it in hands finds this under the lock of the queue, before anything else happens.
    """

    __slots__ = (
        "_allowance",
        "_base64",
        "_draft",
        "_raw",
        "demand",
        "gone",
        "keeps",
        "mode",
        "owner",
    )

    def __init__(
        self,
        draft: Draft | None,
        allowance: Allowance,
        owner: str,
        *,
        base64: bool,
        keeps: bool,
    ) -> None:
        self.mode = Mode.IDENTIFIED if draft is None else draft.level.mode
        self.owner = owner
        self.keeps = keeps
        self.gone = False
        self.demand: tuple[Anonymity, str] | None = None
        self._draft = draft
        self._allowance = allowance
        self._base64 = base64
        self._raw: bytes | None = None

    @classmethod
    def stored(cls, raw: bytes, mode: Mode, owner: str) -> Item:
        """An event that was kept as JSON."""
        item = cls(None, _STRICT, owner, base64=False, keeps=True)
        item.mode, item._raw = mode, raw  # the class itself
        return item

    @classmethod
    def built(cls, payload: dict[str, str], mode: Mode, *, owner: str, keeps: bool) -> Item:
        """An event whose parameters have passed the gate already."""
        item = cls.stored(utf8(to_json(payload)), mode, owner)
        item.keeps = keeps
        return item

    @property
    def raw(self) -> bytes:
        """The event as JSON; empty when nothing of it may be sent."""
        draft = self._draft
        if draft is not None:
            self._raw, self._draft = self._make(draft), None
        return self._raw or b""

    def _make(self, draft: Draft) -> bytes:
        try:
            payload = draft.payload(self._allowance)
        except Exception as error:  # noqa: BLE001  # on any doubt, nothing is sent (W13)
            failed("event", error)
            return b""
        if payload is None:
            return b""
        return utf8(to_json(encoded(payload) if self._base64 else payload))

    def obey(self) -> None:
        """Do what was demanded while the event was in somebody's hands."""
        if self.demand is not None:
            demand, self.demand = self.demand, None
            self.demote(*demand)

    def demote(self, to: Anonymity, view: str) -> None:
        """Take the ids out of an event that was tracked at a weaker level.

        `view` takes the place of its page view id. Events that give up nothing stay as they are.
        """
        before = Anonymity.of(self.mode)
        if before.anonymous and (before.server or not to.server):
            return
        level = Anonymity(anonymous=True, server=before.server or to.server)
        draft = self._draft
        if draft is not None:
            draft.level, draft.identity = level, NOBODY
            draft.view = None if draft.view is None else view
            self._allowance = _STRICT
        else:
            self._raw = demoted(self.raw, level, view)
        self.mode = level.mode
        self.owner = ""


def encoded(payload: dict[str, str]) -> dict[str, str]:
    """Parameters whose JSON goes as base64url (R121)."""
    found = dict(payload)
    for name, plain in _ENCODED:
        if plain in found:
            found[name] = encode_base64url(utf8(found.pop(plain))).decode()
    return found


def decoded(payload: dict[str, str]) -> dict[str, str]:
    """Parameters whose JSON is plain text. Raises ValueError."""
    found = dict(payload)
    for name, plain in _ENCODED:
        if name in found:
            found[plain] = decode_base64url(found.pop(name).encode()).decode()
    return found


def demoted(raw: bytes, level: Anonymity, view: str) -> bytes:
    """An event as JSON without ids; empty when nothing is left, or when it cannot be read."""
    if not raw:
        return b""
    try:
        payload: dict[str, str] = json.loads(raw)
        plain = decoded(payload)
        if "co" in plain:
            plain["co"] = dump_json(_other_view(json.loads(plain["co"]), level, view)).decode()
        kept = admit(plain, level, _STRICT)
    except (ValueError, TypeError, AttributeError):
        return b""
    if kept is None:
        return b""
    return utf8(to_json(encoded(kept) if payload.keys() & {"cx", "ue_px"} else kept))


def _other_view(contexts: dict[str, Any], level: Anonymity, view: str) -> dict[str, Any]:
    """Entities with another page view id, and with the mode that holds now."""
    entities = []
    for one in contexts["data"]:
        schema = str(one.get("schema"))
        if _VIEW.match(schema):
            entities.append({**one, "data": {"id": view}})
        elif _STATE.match(schema):
            entities.append({**one, "data": {**one["data"], "mode": level.mode.value}})
        else:
            entities.append(one)
    return {**contexts, "data": entities}
