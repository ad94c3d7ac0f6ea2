"""The unmodified official browser tracker in real Chromium, in every mode under every strategy.

What is stored of its first page view is held to table 2.1 of the protocol (R31-R38), and to what
server anonymity promises: no network user id, no address, no cookie (A-48, contract 7).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.support.process import Whiteout
from tests.support.site import Site
from tests.support.visit import MODES, STRATEGIES, Sent, Visit, visit
from whiteout.privacy import ZERO_UUID

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

EXPECTED = """
mode                      strategy               duid sid vid uid header session  tab state
identified                cookieAndLocalStorage  yes  yes yes yes -      visitor  yes cookie
identified                cookie                 yes  yes yes yes -      visitor  yes cookie
identified                localStorage           yes  yes yes yes -      visitor  yes localStorage
identified                none                   -    yes yes yes -      invalid  -   -
anonymous                 cookieAndLocalStorage  -    -   -   -   -      -        -   -
anonymous                 cookie                 -    -   -   -   -      -        -   -
anonymous                 localStorage           -    -   -   -   -      -        -   -
anonymous                 none                   -    -   -   -   -      -        -   -
anonymous_session         cookieAndLocalStorage  -    yes yes -   -      zero     -   cookie
anonymous_session         cookie                 -    yes yes -   -      zero     -   cookie
anonymous_session         localStorage           -    yes yes -   -      zero     -   localStorage
anonymous_session         none                   -    yes yes -   -      invalid  -   -
server_anonymous          cookieAndLocalStorage  -    -   -   -   yes    -        -   -
server_anonymous          cookie                 -    -   -   -   yes    -        -   -
server_anonymous          localStorage           -    -   -   -   yes    -        -   -
server_anonymous          none                   -    -   -   -   yes    -        -   -
server_anonymous_session  cookieAndLocalStorage  -    yes yes -   yes    zero     -   cookie
server_anonymous_session  cookie                 -    yes yes -   yes    zero     -   cookie
server_anonymous_session  localStorage           -    yes yes -   yes    zero     -   localStorage
server_anonymous_session  none                   -    yes yes -   yes    mended   -   -
"""
"""Table 2.1 for the first page view with all entities on. `session` is the client_session entity:
of the visitor, of nobody (the zero UUID), absent, or broken by the tracker (W25). What is broken is
mended by server anonymity, which puts the zero UUID where a schema demands an id (contract 10)."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One row of the table."""

    mode: str
    strategy: str
    duid: bool
    sid: bool
    vid: bool
    uid: bool
    header: bool
    session: str
    tab: bool
    state: str

    @property
    def name(self) -> str:
        """The app id under which the row's visit tracks."""
        return f"{self.mode}.{self.strategy}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visit sent, and what it had in its profile afterwards."""

    sent: Sent
    cookies: dict[str, str]
    state: tuple[str, list[str]] | None


def _expected() -> Iterator[Expected]:
    for line in EXPECTED.split("\n")[2:-1]:
        mode, strategy, *cells = line.split()
        duid, sid, vid, uid, header = (cell == "yes" for cell in cells[:5])
        session, tab, state = cells[5:]
        yield Expected(mode, strategy, duid, sid, vid, uid, header, session, tab == "yes", state)


TABLE = {row.name: row for row in _expected()}
WITHOUT_SESSION = "without-session-entity"
"""Marks visits of the rows that the tracker breaks, once more without the entity that it breaks."""


@pytest.fixture(scope="module")
def whiteout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whiteout]:
    """A server for all visits of this module."""
    with Whiteout(Path(tmp_path_factory.mktemp("official"))) as server:
        yield server


def _collector(whiteout: Whiteout) -> str:
    """The collector under a host name on which Chromium keeps secure cookies without TLS."""
    return f"http://localhost:{whiteout.port}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visits(
    browser: Browser, site: Site, whiteout: Whiteout
) -> AsyncIterator[dict[str, Seen]]:
    """One visit for each row of the table, by its app id, each in a profile of its own."""
    gate = asyncio.Semaphore(3)

    async def one(row: Expected, name: str, *, session: bool) -> tuple[str, Seen]:
        async with gate, visit(browser, site.url(), _collector(whiteout)) as visitor:
            await visitor.start(
                name,
                anonymousTracking=MODES[row.mode],
                stateStorageStrategy=row.strategy,
                contexts={"webPage": True, "session": session, "browser": True},
            )
            await visitor.call("setUserId", "bob")
            sent = await visitor.track()
            return name, Seen(sent, await visitor.cookies(), await visitor.tracker_state())

    runs = [one(row, row.name, session=True) for row in TABLE.values()]
    runs += [
        one(row, f"{row.name}.{WITHOUT_SESSION}", session=False)
        for row in TABLE.values()
        if row.session == "invalid"
    ]
    yield dict(await asyncio.gather(*runs))


@pytest.fixture(scope="module")
def stored(visits: dict[str, Seen], whiteout: Whiteout) -> dict[str, dict[str, Any]]:
    """The stored events by app id, once every visit has led to an event or a failed event."""
    names = ", ".join(f"'{name}'" for name in visits)
    arrived = "SELECT app_id FROM events UNION ALL SELECT app_id FROM failed_events"
    whiteout.wait_for_rows(f"SELECT * FROM ({arrived}) WHERE app_id IN ({names})", len(visits), 30)
    rows = whiteout.rows(f"SELECT * FROM events WHERE app_id IN ({names})")
    by_name = {row["app_id"]: row for row in rows}
    assert len(by_name) == len(rows)
    return by_name


async def test_the_table_covers_every_mode_and_strategy() -> None:
    """There are four strategies for each of the five modes."""
    assert len(TABLE) == len(MODES) * len(STRATEGIES) == 20
    assert {(row.mode, row.strategy) for row in TABLE.values()} == {
        (mode, strategy) for mode in MODES for strategy in STRATEGIES
    }


@pytest.mark.parametrize("name", TABLE)
async def test_what_is_sent_matches_the_table(visits: dict[str, Seen], name: str) -> None:
    """The tracker that is driven here is the one that the table was read off (R31-R38)."""
    row, seen = TABLE[name], visits[name]
    assert seen.sent.status == 200
    sent = [key in seen.sent.payload for key in ("duid", "sid", "vid", "uid")]
    assert sent == [row.duid, row.sid, row.vid, row.uid]
    assert seen.sent.request.get("sp-anonymous") == ("*" if row.header else None)
    assert ("client_session" in seen.sent.entities) == (row.session != "-")
    assert (seen.state[0] if seen.state else "-") == row.state


@pytest.mark.parametrize("name", TABLE)
async def test_the_page_may_read_the_answer(visits: dict[str, Seen], site: Site, name: str) -> None:
    """The page is of another origin and sends credentials, so it is named (A-20, A-21, A-23)."""
    answer = visits[name].sent.response
    assert answer["access-control-allow-origin"] == site.url("")
    assert answer["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.session != "invalid"])
async def test_the_stored_event_matches_the_table(
    visits: dict[str, Seen], stored: dict[str, dict[str, Any]], name: str
) -> None:
    """Identifiers and session entity are stored as the mode allows, and as they were sent."""
    row, sent, event = TABLE[name], visits[name].sent, stored[name]
    _assert_identifiers(row, visits[name], event)
    entities = {
        item["schema"].split("/")[1]: item["data"] for item in json.loads(event["contexts"])["data"]
    }
    assert entities["web_page"] == sent.entities["web_page"]
    assert entities["browser_context"]["tabId"] == sent.entities["browser_context"]["tabId"]
    assert (entities["browser_context"]["tabId"] is not None) == row.tab
    session = entities.get("client_session")
    if row.session == "-":
        assert session is None
        return
    assert session is not None
    assert session["userId"] == (event["domain_userid"] if row.session == "visitor" else ZERO_UUID)
    mended = row.session == "mended"
    assert session["sessionId"] == (ZERO_UUID if mended else event["domain_sessionid"])
    assert (session["sessionIndex"], session["eventIndex"]) == (0 if mended else 1, 1)
    assert session["previousSessionId"] is None
    mechanism = "LOCAL_STORAGE" if row.strategy == "localStorage" else "COOKIE_1"
    assert session["storageMechanism"] == mechanism
    assert session.get("firstEventId") in (
        {None, event["event_id"]} if row.header else {event["event_id"]}
    )


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.session == "invalid"])
async def test_what_the_tracker_breaks_is_kept_as_a_failed_event(
    visits: dict[str, Seen], stored: dict[str, dict[str, Any]], whiteout: Whiteout, name: str
) -> None:
    """Without storage the tracker sends a session entity with an empty session id (W25).

    That breaks the entity's schema (R36), so the event fails and says where. Without the entity the
    same visit is stored as the table says.
    """
    row = TABLE[name]
    (failed,) = whiteout.wait_for_rows(f"SELECT * FROM failed_events WHERE app_id = '{name}'")
    assert failed["failure"] == "schema_violations"
    assert "client_session" in failed["errors"]
    assert failed["event_id"] == visits[name].sent.payload["eid"]
    assert failed["mode_inferred"] == row.mode
    other = f"{name}.{WITHOUT_SESSION}"
    _assert_identifiers(row, visits[other], stored[other])


def _assert_identifiers(row: Expected, seen: Seen, event: dict[str, Any]) -> None:
    """The columns of an event hold what its mode allows, as it was sent."""
    sent = seen.sent.payload
    assert event["event_id"] == sent["eid"]
    assert event["user_id"] == ("bob" if row.uid else None)
    assert event["domain_userid"] == sent.get("duid")
    assert event["domain_sessionid"] == sent.get("sid")
    assert event["domain_sessionidx"] == (1 if row.vid else None)
    if seen.state is not None:
        fields = seen.state[1]
        assert [event["domain_userid"] or "", event["domain_sessionid"]] == [fields[0], fields[5]]
    assert (event["mode_declared"], event["mode_inferred"]) == (None, row.mode)
    assert event["server_anonymous"] == row.header
    assert event["signal"] == ("sp-anonymous" if row.header else None)
    assert event["page_urlhost"] == "localhost"
    if row.header:
        assert event["network_userid"] is None
        assert event["user_ipaddress"] is None
        assert "set-cookie" not in seen.sent.response
        assert "sp" not in seen.cookies
        assert event["useragent"] != seen.sent.request["user-agent"]
    else:
        assert event["network_userid"] == seen.cookies["sp"]
        assert event["user_ipaddress"] == "127.0.0.0"
        assert seen.sent.response["set-cookie"].startswith(f"sp={event['network_userid']};")
        assert event["useragent"] == seen.sent.request["user-agent"]


CONTEXTS = {"webPage": True, "session": True, "browser": True}
IDENTITY = ("user_id", "domain_userid", "domain_sessionid", "domain_sessionidx", "network_userid")


async def _toggled(visitor: Visit, whiteout: Whiteout, app_id: str) -> dict[str, dict[str, Any]]:
    """The stored events of a visit by page title, each checked against what was sent."""
    rows = whiteout.wait_for_rows(
        f"SELECT * FROM events WHERE app_id = '{app_id}'", len(visitor.sent)
    )
    by_title = {row["page_title"]: row for row in rows}
    network = (await visitor.cookies()).get("sp")
    for sent in visitor.sent:
        row = by_title[sent.payload["page"]]
        assert row["user_id"] == sent.payload.get("uid")
        assert row["domain_userid"] == sent.payload.get("duid")
        assert row["domain_sessionid"] == sent.payload.get("sid")
        assert row["server_anonymous"] == ("sp-anonymous" in sent.request)
        assert row["network_userid"] == (None if row["server_anonymous"] else network)
        assert (row["user_ipaddress"] is None) == row["server_anonymous"]
        assert ("set-cookie" in sent.response) == (not row["server_anonymous"])
    return by_title


async def test_anonymity_comes_and_goes_while_the_page_is_open(
    browser: Browser, site: Site, whiteout: Whiteout
) -> None:
    """Each event has the identity that its own mode allows: I, AV, I, A, I (2.3).

    In between nothing of the visitor is stored; afterwards the visitor is the same again.
    """
    async with visit(browser, site.url(), _collector(whiteout)) as visitor:
        await visitor.start("consent", contexts=CONTEXTS)
        await visitor.call("setUserId", "bob")
        await visitor.track("one")
        options = {"options": MODES["server_anonymous"]}
        await visitor.call("enableAnonymousTracking", options)
        await visitor.track("two")
        await visitor.call("disableAnonymousTracking")
        await visitor.track("three")
        await visitor.call("enableAnonymousTracking")
        await visitor.track("four")
        await visitor.call("disableAnonymousTracking")
        await visitor.track("five")
        rows = await _toggled(visitor, whiteout, "consent")
    modes = [rows[title]["mode_inferred"] for title in ("one", "two", "three", "four", "five")]
    assert modes == ["identified", "server_anonymous", "identified", "anonymous", "identified"]
    assert all(rows["one"][column] is not None for column in IDENTITY)
    assert all(rows["two"][column] is None for column in IDENTITY)
    assert all(rows["four"][column] is None for column in IDENTITY[:-1])
    for later in ("three", "five"):
        assert [rows[later][c] for c in IDENTITY] == [rows["one"][c] for c in IDENTITY]


async def test_anonymous_session_tracking_goes_on_with_the_session(
    browser: Browser, site: Site, whiteout: Whiteout
) -> None:
    """I, AS, ASV, I: the session is kept, user and browser are not, and return as others (2.3)."""
    async with visit(browser, site.url(), _collector(whiteout)) as visitor:
        await visitor.start("session", contexts=CONTEXTS)
        await visitor.call("setUserId", "bob")
        await visitor.track("one")
        options = {"options": MODES["anonymous_session"]}
        await visitor.call("enableAnonymousTracking", options)
        await visitor.track("two")
        options = {"options": MODES["server_anonymous_session"]}
        await visitor.call("enableAnonymousTracking", options)
        await visitor.track("three")
        await visitor.call("disableAnonymousTracking")
        await visitor.track("four")
        rows = await _toggled(visitor, whiteout, "session")
    modes = [rows[title]["mode_inferred"] for title in ("one", "two", "three", "four")]
    assert modes == [
        "identified",
        "anonymous_session",
        "server_anonymous_session",
        "identified",
    ]
    assert len({row["domain_sessionid"] for row in rows.values()}) == 1
    for title in ("two", "three"):
        assert (rows[title]["user_id"], rows[title]["domain_userid"]) == (None, None)
    assert rows["four"]["domain_userid"] not in (None, rows["one"]["domain_userid"])


async def test_anonymity_and_storage_change_together(
    browser: Browser, site: Site, whiteout: Whiteout
) -> None:
    """AV under cookies, then ASV in localStorage, then I under cookies again (2.3, R71, R74)."""
    async with visit(browser, site.url(), _collector(whiteout)) as visitor:
        await visitor.start(
            "storage",
            contexts=CONTEXTS,
            anonymousTracking=MODES["server_anonymous"],
            stateStorageStrategy="cookie",
        )
        await visitor.call("setUserId", "bob")
        await visitor.track("one")
        assert await visitor.tracker_state() is None
        options = MODES["server_anonymous_session"]
        change = {"options": options, "stateStorageStrategy": "localStorage"}
        await visitor.call("enableAnonymousTracking", change)
        await visitor.track("two")
        await visitor.track("three")
        assert await visitor.cookies() == {}
        await visitor.call("disableAnonymousTracking", {"stateStorageStrategy": "cookie"})
        await visitor.track("four")
        rows = await _toggled(visitor, whiteout, "storage")
    modes = [rows[title]["mode_inferred"] for title in ("one", "two", "three", "four")]
    assert modes == [
        "server_anonymous",
        "server_anonymous_session",
        "server_anonymous_session",
        "identified",
    ]
    assert rows["three"]["domain_sessionid"] is not None
    assert rows["four"]["domain_sessionid"] == rows["three"]["domain_sessionid"]
    assert all(rows["four"][column] is not None for column in IDENTITY)


async def test_another_host_name_gets_no_secure_cookie_over_plain_http(
    browser: Browser, site: Site, whiteout: Whiteout
) -> None:
    """A page on any host name can send; without TLS Chromium refuses the secure cookie (A-32)."""
    address = site.url("/catalogue/", "www.example.test")
    collector = f"http://collector.example.test:{whiteout.port}"
    async with visit(browser, address, collector) as visitor:
        await visitor.start("other-host")
        sent = await visitor.track()
        assert "set-cookie" in sent.response
        assert await visitor.cookies() == {}
    (row,) = whiteout.wait_for_rows("SELECT * FROM events WHERE app_id = 'other-host'")
    assert urlsplit(row["page_url"]).hostname == "www.example.test"
    assert row["page_urlpath"] == "/catalogue/"
    assert row["network_userid"] is not None
