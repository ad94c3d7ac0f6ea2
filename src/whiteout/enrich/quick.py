"""The usual records of a batch, all at once: a column at a time instead of an event at a time.

Of a hundred records nearly all are identified POSTs of sound events. What this takes half the time
of the way that every record can go (`IdentifiedRows`), and gives the very same rows. Whatever is
odd in a record, be it a fault or a rare parameter, sends the whole record that way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from itertools import accumulate, chain, repeat
from types import GenericAlias
from typing import Any, TypeVar, cast, get_type_hints

import msgspec

from whiteout.enrich import places as at
from whiteout.enrich.adapters import ENVELOPES, USUAL_PATH
from whiteout.enrich.agents import AGENT_COLUMNS
from whiteout.enrich.campaigns import CAMPAIGN_COLUMNS
from whiteout.enrich.derive import IDENTIFIED_ONLY
from whiteout.enrich.derived import EVENT_SCHEMAS, NO_SCHEMA, day_of, derived_timestamp
from whiteout.enrich.finish import Finish
from whiteout.enrich.ids import Ids
from whiteout.enrich.known import KnownSchemas
from whiteout.enrich.outcome import Columns
from whiteout.enrich.quick_nested import NOTHING, Found, QuickNested
from whiteout.enrich.quick_urls import (
    PAGE_COLUMNS,
    REFERRER_COLUMNS,
    page_urls,
    put_internal,
    referrers,
)
from whiteout.enrich.referrers import SOURCE_COLUMNS
from whiteout.enrich.settings import EnrichSettings, SchemaLookup
from whiteout.enrich.urls import page_of_referer
from whiteout.enrich.values import is_timestamp
from whiteout.enrich.vectors import EVENT_IDS, NETWORK_IDS, VECTORS, Memo, Odd
from whiteout.privacy import Mode
from whiteout.protocol.envelope import CONTENT_TYPES, MAX_EVENTS
from whiteout.protocol.parameters import EVENT_CODES, REQUIRED
from whiteout.protocol.record import IDENTIFIED, IdentifiedRequest

Records = Sequence[tuple[int, bytes]]
"""Records, each with its number in the spool."""

_T = TypeVar("_T")

# More events than these would not fit into the cache while a column follows the other.
_PORTION = 400
_MOST_KNOWN = 4_096
_LONGEST_ADDRESS = 64
_CONTENT_TYPES = frozenset(CONTENT_TYPES)
_SPECIAL = ("eid", "url", "refr", "co", "cx", "ue_pr", "ue_px")
# Browser trackers send them in this order, in which the decoder finds each name at once.
_USUAL_ORDER = (
    *("e", "url", "page", "refr", "eid", "tv", "tna", "aid", "p", "cookie", "cs", "lang", "res"),
    *("cd", "tz", "dtm", "vp", "ds", "vid", "sid", "duid", "uid", "co", "cx", "ue_pr", "ue_px"),
    "stm",
)
_NAMES = tuple(dict.fromkeys((*_USUAL_ORDER, *_SPECIAL, *VECTORS)))
_INDEX = {name: index for index, name in enumerate(_NAMES)}
_USER_AGENT = VECTORS["ua"][1]
_SELF_DESCRIBING = EVENT_CODES["ue"]
_USERS = (at.DOMAIN_USERID, at.USER_ID, at.USER_FINGERPRINT)
_SESSIONS = (at.DOMAIN_SESSIONID, at.DOMAIN_SESSIONIDX)
_IDENTIFIED_MODE = Mode.IDENTIFIED.value
_NOT_ANONYMOUS = (None, Mode.IDENTIFIED)
_WITH_SESSION = Mode.ANONYMOUS_SESSION.value
_ANONYMOUS = Mode.ANONYMOUS.value
_PLAN = tuple((_INDEX[name], *VECTORS[name]) for name in VECTORS)


_HINTS = get_type_hints(IdentifiedRequest)
# The same members as a type that is made in half the time.
_Head: Any = msgspec.defstruct(
    "_Head",
    [
        (row.name, _HINTS[row.name], *([] if row.default is MISSING else [row.default]))
        for row in fields(IdentifiedRequest)
    ],
    forbid_unknown_fields=True,
    gc=False,
)
_Event: Any = msgspec.defstruct(
    "_Event",
    [(name, str) if name in REQUIRED else (name, str, None) for name in _NAMES],
    forbid_unknown_fields=True,
    kw_only=True,
    gc=False,
)
_Envelope: Any = msgspec.defstruct(
    "_Envelope", [("schema", str), ("data", GenericAlias(list, (_Event,)))], gc=False
)
_decode_head = msgspec.json.Decoder(_Head).decode
_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_values_of = msgspec.structs.astuple


@dataclass(slots=True)
class _Gathered:
    """The events of usual records, each with the head of its record, and where they came from.

    `owners` are places in the batch, `firsts` the place of the first event of the same record.
    `odd` are the places of all other records.
    """

    events: list[Any]
    heads: list[Any]
    owners: list[int]
    firsts: Sequence[int]
    odd: set[int]


class QuickRows:
    """Makes the rows of usual records."""

    def __init__(self, settings: EnrichSettings, schemas: SchemaLookup, finish: Finish) -> None:
        self._settings = settings
        self._finish = finish
        self._derive = finish.derive
        self._nested = QuickNested(KnownSchemas(schemas), strict=settings.unknown_schemas == "fail")
        rules = finish.hygiene.rules
        self._page_urls = page_urls(finish.derive, rules)
        self._referrers = referrers(finish.derive, rules)
        self._addresses = Memo(self._address, _MOST_KNOWN, _LONGEST_ADDRESS)

    def read(self, records: Records, now: int, source: str) -> tuple[Columns, Records]:
        """The rows of the usual records among these, and the other records.

        `source` names the spool file; `now` is the time of processing in epoch milliseconds.
        """
        parts: list[Columns] = []
        others: list[tuple[int, bytes]] = []
        for start in range(0, len(records), _PORTION):
            part, rest = self._read(records[start : start + _PORTION], now, source)
            parts.append(part)
            others += rest
        return Columns.joined(parts), others

    def _read(self, records: Records, now: int, source: str) -> tuple[Columns, Records]:
        found = _gather(records)
        if not found.events:
            return Columns(), records
        values = self._converted(found, records, source)
        owners, odd = found.owners, found.odd
        if not odd.isdisjoint(owners):
            kept = [place for place, owner in enumerate(owners) if owner not in odd]
            values = [column and [column[place] for place in kept] for column in values]
            owners = [owners[place] for place in kept]
        numbers = [records[owner][0] for owner in owners]
        if numbers:
            self._complete(values, len(numbers), now)
            self._finish.columns(values, now)
        return Columns(numbers, values), [records[place] for place in sorted(odd)]

    def _converted(self, found: _Gathered, records: Records, source: str) -> list[Any]:
        """The columns with what each event says; the places of odd events are added to `found`."""
        events, heads = found.events, found.heads
        count = len(events)
        texts = list(zip(*map(_values_of, events), strict=True))
        columns: list[Any] = [None] * at.WIDTH
        odd: Odd = set()
        for index, places, vector in _PLAN:
            column = texts[index]
            if column[0] is not None or column.count(None) != count:
                _put(columns, places, vector(column, odd))
        nested = self._read_nested(texts, odd)
        columns[at.CONTEXTS], columns[at.UNSTRUCT_EVENT], keys, declared, *rest = nested
        columns[at.VALIDATED], users, sessions = rest
        _put_schemas(columns, keys, odd)
        _put_modes(columns, declared, users, sessions)
        if columns[at.USERAGENT] is None:
            agents = [head.user_agent for head in heads]
        else:
            own = zip(texts[_INDEX["ua"]], heads, strict=True)
            agents = [head.user_agent if text is None else text for text, head in own]
        columns[at.USERAGENT] = _USER_AGENT(agents, odd)
        _spread(columns, AGENT_COLUMNS, self._derive.agents.all(agents, odd))
        pages = zip(texts[_INDEX["url"]], heads, declared, strict=True)
        urls = [text or page_of_referer(head.referer, mode) for text, head, mode in pages]
        _put(columns, PAGE_COLUMNS, self._page_urls.all(urls, odd))
        _put(columns, REFERRER_COLUMNS, self._referrers.all(texts[_INDEX["refr"]], odd))
        if self._derive.referrers is not None:
            put_internal(columns)
        _tidy(columns, declared)
        columns[at.COLLECTOR_TSTAMP] = [head.received for head in heads]
        columns[at.NETWORK_USERID] = NETWORK_IDS([head.network_userid for head in heads], odd)
        columns[at.USER_IPADDRESS] = self._addresses.all([head.address for head in heads], odd)
        columns[at.EVENT_ID] = ids = list(EVENT_IDS(texts[_INDEX["eid"]], odd))
        if None in ids:
            for place, known in enumerate(ids):
                if known is None:
                    number = records[found.owners[place]][0]
                    name = Ids(f"{source}/{number}".encode())
                    ids[place] = name.event(place - found.firsts[place])
        found.odd.update(found.owners[place] for place in odd)
        return columns

    def _read_nested(self, texts: list[Any], odd: Odd) -> Iterable[Any]:
        """What the JSON of each event holds, column by column."""
        read = self._nested.read
        found = list(map(read, *(texts[_INDEX[name]] for name in ("co", "cx", "ue_pr", "ue_px"))))
        if None in found:
            odd.update(place for place, one in enumerate(found) if one is None)
            found = [one or NOTHING for one in found]
        return zip(*cast("list[Found]", found), strict=True)

    def _complete(self, columns: list[Any], count: int, now: int) -> None:
        """Put what follows from other columns, and what is the same for all."""
        received = columns[at.COLLECTOR_TSTAMP]
        first, last = day_of(min(received)), day_of(max(received))
        dates = [first] * count if first == last else list(map(day_of, received))
        columns[at.COLLECTOR_DATE] = dates
        columns[at.DERIVED_TSTAMP] = list(
            map(
                derived_timestamp,
                received,
                columns[at.CREATED_TSTAMP] or repeat(None),
                columns[at.SENT_TSTAMP] or repeat(None),
                columns[at.TRUE_TSTAMP] or repeat(None),
            )
        )
        for place, value in (
            (at.ETL_TSTAMP, now),
            (at.V_COLLECTOR, self._settings.v_collector),
            (at.V_ETL, self._settings.v_etl),
            (at.SERVER_ANONYMOUS, False),
        ):
            columns[place] = [value] * count
        columns[at.REDACTED] = [[]] * count

    def _address(self, text: str | None) -> str | None:
        return self._finish.hygiene.address(text, self._settings.address)


def _gather(records: Records) -> _Gathered:
    """The events of those records that are usual as far as can be told without looking at them."""
    events: list[list[Any]] = []
    heads: list[Any] = []
    owners: list[int] = []
    odd: set[int] = set()
    for owner, (_, raw) in enumerate(records):
        if not raw.startswith(IDENTIFIED):
            odd.add(owner)
            continue
        end = raw.find(b"\n")
        try:
            head = _decode_head(raw[len(IDENTIFIED) : end])
            sent: Any = _decode_envelope(raw[end + 1 :])
        except (ValueError, RecursionError):
            odd.add(owner)
            continue
        if (
            head.path == USUAL_PATH
            and head.content_type in _CONTENT_TYPES
            and head.body_length == len(raw) - end - 1
            and not head.query
            and is_timestamp(head.received)
            and sent.schema in ENVELOPES
            and 0 < len(sent.data) <= MAX_EVENTS
        ):
            events.append(sent.data)
            heads.append(head)
            owners.append(owner)
        else:
            odd.add(owner)
    counts = list(map(len, events))
    together = list(chain.from_iterable(events))
    firsts: Sequence[int] = range(len(together))
    if len(together) != len(heads):
        heads = list(_repeated(heads, counts))
        owners = list(_repeated(owners, counts))
        firsts = list(_repeated([0, *accumulate(counts)], counts))
    return _Gathered(together, heads, owners, firsts, odd)


def _repeated(items: Iterable[_T], counts: list[int]) -> Iterator[_T]:
    return chain.from_iterable(map(repeat, items, counts))


def _put(columns: list[Any], places: tuple[int, ...], values: Sequence[Any]) -> None:
    """Put values into their columns; where there are several, each value is a tuple."""
    if len(places) == 1:
        columns[places[0]] = values
    else:
        for place, column in zip(places, zip(*values, strict=True), strict=True):
            columns[place] = column


def _spread(columns: list[Any], places: tuple[int, ...], values: Sequence[Any]) -> None:
    """Put tuples into their columns as `_put` does, quickly where all of them are the same."""
    first = values[0]
    if values.count(first) == len(values):
        for place, value in zip(places, first, strict=True):
            columns[place] = None if value is None else [value] * len(values)
    else:
        _put(columns, places, values)


def _tidy(columns: list[Any], declared: Sequence[Mode | None]) -> None:
    """Empty what is derived of identified events alone, and leave out what is not there at all."""
    for place in (*CAMPAIGN_COLUMNS, *SOURCE_COLUMNS):
        column = columns[place]
        if column[0] is None and column.count(None) == len(column):
            columns[place] = None
    for place in IDENTIFIED_ONLY:
        if columns[place] is not None:
            facts = zip(columns[place], columns[at.MODE_INFERRED], declared, strict=True)
            columns[place] = [
                value if shown == _IDENTIFIED_MODE and said in _NOT_ANONYMOUS else None
                for value, shown, said in facts
            ]


def _put_schemas(columns: list[Any], keys: Sequence[Any], odd: Odd) -> None:
    """Put the schema of each event (B-59); one of no known kind is odd."""
    names = columns[at.EVENT]
    schemas = list(map(EVENT_SCHEMAS.get, names))
    if None in schemas:
        for place, name in enumerate(names):
            if schemas[place] is None:
                schemas[place] = keys[place] or NO_SCHEMA
                if name != _SELF_DESCRIBING:
                    odd.add(place)
    columns[at.EVENT_SCHEMA] = zip(*schemas, strict=True)


def _put_modes(
    columns: list[Any], declared: Sequence[Mode | None], users: Any, sessions: Any
) -> None:
    """Put the mode that each event declares and the one that it shows (contract 9)."""
    if declared.count(None) != len(declared):
        columns[at.MODE_DECLARED] = [mode and mode.value for mode in declared]
    named = (columns[place] or repeat(None) for place in _USERS)
    visits = (columns[place] or repeat(None) for place in _SESSIONS)
    columns[at.MODE_INFERRED] = [
        _IDENTIFIED_MODE
        if user or domain or own or fingerprint
        else _WITH_SESSION
        if session or visit is not None or number is not None
        else _ANONYMOUS
        for user, domain, own, fingerprint, session, visit, number in zip(
            users, *named, sessions, *visits, strict=False
        )
    ]
