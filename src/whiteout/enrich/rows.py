"""One event becomes one row (B-28 to B-33, B-43, B-57 to B-67, B-72)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from whiteout.enrich import places as at
from whiteout.enrich.derived import derived_timestamp, event_schema
from whiteout.enrich.faults import Failure, Fault, quoted
from whiteout.enrich.nested import NestedParts
from whiteout.enrich.setters import Row, check_lengths, put_all, put_text, too_long
from whiteout.enrich.urls import LONGEST_URL, Url, page_of_referer, read_url
from whiteout.enrich.values import BadValueError, read_timestamp, read_uuid
from whiteout.privacy import AddressPolicy, UrlRules, keep_address

_LATER = Failure.ENRICHMENT_FAILURES
_LINKER_PARTS = 7
_ADDRESS_END = re.compile(r"[,| ]")
_USER_PARAMETERS = ("nuid", "tnuid", "ip", "mac", "ad_uid")


@dataclass(slots=True)
class Defaults:
    """What a request says where an event says nothing (B-28, B-63).

    `address` is how much of a believed parameter `ip` is kept; None when it is not believed (B-43).
    """

    user_agent: str | None
    referer: str | None
    address: AddressPolicy | None = None


class EventRow:
    """One event while its row is filled: the row, what is wrong, and what was found on the way.

    `linker` is the value of `_sp` in the page URL; `user` tells whether the event carries a user or
    network identifier, `session` whether it carries a session. `rules` say what URLs lose.
    """

    __slots__ = ("_rules", "faults", "linker", "nested", "row", "session", "user")

    def __init__(self, base: Row, nested: NestedParts, rules: UrlRules | None = None) -> None:
        self._rules = rules
        self.row = base.copy()
        self.nested = nested
        self.faults = nested.faults
        self.linker: str | None = None
        self.user = False
        self.session = False

    def fill(self, parameters: Mapping[str, str], defaults: Defaults) -> None:
        """Put the parameters of an event into the row, and what follows from them (B-29).

        The event id stays empty where the event brings none.
        """
        row, faults = self.row, self.faults
        put_all(row, parameters, faults)
        if defaults.user_agent is not None and "ua" not in parameters:
            put_text(row, at.USERAGENT, defaults.user_agent, faults)
        if "eid" in parameters:
            self._event_id(parameters["eid"])
        url = parameters.get("url")
        if url:
            self._page(url)
        referrer = parameters.get("refr")
        if referrer:
            self._referrer(referrer)
        self._read_json(parameters)
        if not url:
            # The mode that an event declares stands in its JSON.
            page = page_of_referer(defaults.referer, self.nested.declared)
            if page:
                self._page(page)
        for name in _USER_PARAMETERS:
            if name in parameters:
                self._network(parameters, defaults)
                break
        self._see_identity()
        self._derive(parameters)

    def _event_id(self, text: str) -> None:
        try:
            self.row[at.EVENT_ID] = read_uuid(text)
        except BadValueError:
            self.faults.append(Fault("eid", "uuid", "is not a UUID", quote=quoted(text)))

    def _page(self, raw: str) -> None:
        url = read_url(raw, self._rules) if len(raw) <= LONGEST_URL else None
        if url is not None:
            self.linker = url.linker
            self.row[at.PAGE_URL] = url.legal or None
        self._parts("url", raw, url, at.PAGE_URL, at.PAGE_PARTS)

    def _referrer(self, raw: str) -> None:
        url = read_url(raw, self._rules) if len(raw) <= LONGEST_URL else None
        if url is not None:
            self.row[at.REFERRER] = url.text or None
        self._parts("refr", raw, url, at.REFERRER, at.REFERRER_PARTS)

    def _parts(self, name: str, raw: str, url: Url | None, whole: int, parts: slice) -> None:
        """Put the parts of a URL into their columns; None stands for one that is far too long."""
        if url is None:
            self.faults.append(too_long(whole, raw))
        elif url.parts is None:
            what = "is not a URL"
            self.faults.append(Fault(name, "url", what, quote=quoted(raw), failure=_LATER))
        else:
            self.row[parts] = url.parts
            if not url.fits:
                indexes = (whole, *range(parts.start, parts.stop))
                check_lengths(self.row, indexes, self.faults)

    def _read_json(self, parameters: Mapping[str, str]) -> None:
        nested = self.nested
        value = parameters.get
        nested.read_all(value("ue_pr"), value("ue_px"), value("co"), value("cx"))
        self.row[at.CONTEXTS] = nested.contexts
        self.row[at.UNSTRUCT_EVENT] = nested.unstruct
        self.row[at.VALIDATED] = nested.validated

    def _network(self, parameters: Mapping[str, str], defaults: Defaults) -> None:
        """The network identifiers that a tracker sends (B-29, B-43)."""
        for name in ("nuid", "tnuid"):
            if name in parameters:
                put_text(self.row, at.NETWORK_USERID, parameters[name], self.faults)
        if defaults.address is not None and "ip" in parameters:
            text = parameters["ip"]
            kept = keep_address(_ADDRESS_END.split(text, maxsplit=1)[0], AddressPolicy.FULL)
            if kept is None:
                what = "is not a network address"
                self.faults.append(Fault("ip", "ip", what, quote=quoted(text)))
            else:
                self.row[at.USER_IPADDRESS] = keep_address(kept, defaults.address)
        self.user = any(parameters.get(name) for name in _USER_PARAMETERS)

    def _see_identity(self) -> None:
        row, nested = self.row, self.nested
        self.user = bool(
            self.user
            or nested.user
            or row[at.DOMAIN_USERID]
            or row[at.USER_ID]
            or row[at.USER_FINGERPRINT]
        )
        self.session = (
            nested.session
            or row[at.DOMAIN_SESSIONID] is not None
            or row[at.DOMAIN_SESSIONIDX] is not None
        )

    def _derive(self, parameters: Mapping[str, str]) -> None:
        row = self.row
        row[at.DERIVED_TSTAMP] = derived_timestamp(
            row[at.COLLECTOR_TSTAMP],
            row[at.CREATED_TSTAMP],
            row[at.SENT_TSTAMP],
            row[at.TRUE_TSTAMP],
        )
        event: str | None = row[at.EVENT]
        schema = event_schema(event, self.nested.key)
        if schema is not None:
            row[at.EVENT_SCHEMA] = schema
            if schema is self.nested.key:
                indexes = range(at.EVENT_SCHEMA.start, at.EVENT_SCHEMA.stop)
                check_lengths(row, indexes, self.faults)
        elif event is not None:
            what = "names an event that has no schema"
            self.faults.append(Fault("e", "event", what, quote=quoted(event), failure=_LATER))
        elif "e" not in parameters:
            self.faults.append(Fault("e", "missing", "is missing", failure=_LATER))
        if row[at.V_COLLECTOR] is None:
            self.faults.append(Fault("cv", "missing", "is empty", failure=_LATER))

    def follow_link(self) -> None:
        """Take over who followed a link from another site, and when (B-72)."""
        parts = (self.linker or "").split(".")
        if self.linker is None or len(parts) > _LINKER_PARTS:
            return
        put_text(self.row, at.REFR_DOMAIN_USERID, parts[0], self.faults)
        if len(parts) > 1:
            try:
                self.row[at.REFR_DVCE_TSTAMP] = read_timestamp(parts[1])
            except BadValueError:
                what = "has a _sp whose second part is not a time in milliseconds since 1970"
                self.faults.append(Fault("url", "ts", what, quote=quoted(parts[1]), failure=_LATER))
