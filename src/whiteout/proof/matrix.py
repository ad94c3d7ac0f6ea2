"""The conformance matrix: each identifier that is injected, by transport and by way to ask.

Rows of matrix F.2, with the usual settings (strict) and with those of older collectors (compat). A
cell holds when the stored column has what it may have and no canary of the datum was found
anywhere. Compat mode shows absence as older collectors do; it keeps nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from whiteout.privacy import ZERO_UUID
from whiteout.proof.rounds import STRICT, Round
from whiteout.proof.shots import ANYWHERE, MATRIX


@dataclass(frozen=True, slots=True)
class Datum:
    """What is injected, the column it would reach, and what may stand there with usual settings.

    `channels` are what the channels of its canaries hold behind the name of the request. `absent`
    is what stands for nothing in compat mode.
    """

    name: str
    channels: tuple[str, ...] = ()
    column: str | None = None
    expected: str | None = None
    absent: str | None = None


DATA: tuple[Datum, ...] = (
    Datum("address of the connection", column="user_ipaddress", absent="unknown"),
    Datum("ip", ("ip",), "user_ipaddress", absent="unknown"),
    Datum("X-Forwarded-For, X-Real-IP", ("header x-forwarded-for", "header x-real-ip")),
    Datum("Forwarded, CF-Connecting-IP, True-Client-IP", ("header forwarded", "header cf-")),
    Datum("all other forwarding headers", ("header ",)),
    Datum(
        "cookie sp, nuid, tnuid",
        ("cookie sp", "nuid", "tnuid"),
        "network_userid",
        absent=ZERO_UUID,
    ),
    Datum("other cookies", ("other cookies", "name of a cookie")),
    Datum("duid", ("duid",), "domain_userid"),
    Datum("uid", ("uid",), "user_id"),
    Datum("fp", ("fp",), "user_fingerprint"),
    Datum("sid", ("sid",), "domain_sessionid"),
    Datum("vid", (), "domain_sessionidx"),
    Datum("client_session", ("client_session.",)),
    Datum("browser_context", ("browser_context.",)),
    Datum("identifiers in JSON", ("json ", "nested json", "mailto", "e-mail", "list behind")),
    Datum(
        "url",
        ("url,", "json url", "url in a list"),
        "page_url",
        "https://shop.example.test/checkout?utm_source=news",
    ),
    Datum("query of url", (), "page_urlquery", "utm_source=news"),
    Datum("fragment of url", (), "page_urlfragment"),
    Datum("_sp in url", ("url, _sp",), "refr_domain_userid"),
    Datum("time of _sp in url", (), "refr_dvce_tstamp"),
    Datum("refr", ("refr,",), "page_referrer", "https://shop.example.test/checkout"),
    Datum("query of refr", (), "refr_urlquery"),
    Datum("Referer", ("referer",)),
    Datum("User-Agent, ua", ("user agent", "ua"), "useragent", "Chrome/140; Linux; desktop"),
    Datum("Authorization", ("header authorization", "header proxy-authorization")),
    Datum("mode", (), "mode_inferred", "server_anonymous"),
)
"""The rows, with the columns that an event of the usual settings has."""

ROUNDS: tuple[Round, ...] = STRICT.rounds
"""The ways to ask for server anonymity; each is a column of the matrix."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: datum, transport, way to ask, and what is wrong; empty when nothing is."""

    datum: str
    transport: str
    asked: str
    wrong: str


def cells(
    rows: Mapping[str, Mapping[str, Any]],
    found: Iterable[str],
    *,
    exact: bool,
    compat: bool = False,
) -> list[Cell]:
    """Every cell. `rows` are the stored events by transport and round, as `POST tp2.header`.

    `found` are the channels of the canaries that came up. `exact` tells that the settings are the
    usual ones, or those of `compat` mode, so that the columns must hold just what is expected;
    otherwise no more than that, and transports that need settings are left out.
    """
    leaked = tuple(found)
    result: list[Cell] = []
    for datum in DATA:
        for transport in MATRIX if exact else ANYWHERE:
            places = tuple(f"{transport}: {place}" for place in datum.channels)
            seen = any(c == datum.name or c.startswith(places) for c in leaked)
            for asked in ROUNDS:
                row = rows.get(f"{transport}.{asked.name}")
                wrong = _wrong(datum, row, asked, exact=exact, compat=compat)
                result.append(
                    Cell(datum.name, transport, asked.name, "a canary was found" if seen else wrong)
                )
    return result


def _wrong(
    datum: Datum, row: Mapping[str, Any] | None, asked: Round, *, exact: bool, compat: bool
) -> str:
    if row is None:
        return "no such event is stored"
    if row["server_anonymous"] is not True or asked.signal not in str(row["signal"]).split("+"):
        return "not stored as server-anonymous"
    if datum.column is None:
        return ""
    value = row[datum.column]
    expected = datum.absent if compat and datum.absent else datum.expected
    if value == expected or (not exact and (value is None or expected is not None)):
        return ""
    # Not the value itself, which is what must not be told.
    return f"{datum.column} holds something else than it may"
