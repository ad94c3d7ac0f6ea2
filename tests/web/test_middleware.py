"""ASGI and WSGI: a tracker for each request, which inherits the visitor's anonymity."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from tests.support.asgi import exchange
from tests.web.support import ADDRESS, AGENT, HOST, Browser, attributes, tracking
from whiteout.privacy import Mode
from whiteout.protocol.state import cookie_name
from whiteout.testing import MemoryCollector
from whiteout.tracker import ConfigurationError, ProgramSignals
from whiteout.web import AsgiMiddleware, Tracking, WsgiMiddleware, current_tracker, request_tracker

Get = Callable[..., Any]


def _page() -> None:
    tracker = current_tracker()
    assert tracker is not None
    tracker.set_user_id("bob")
    tracker.track_struct_event("shop", "looked")


async def asgi(shared: Tracking, view: Callable[[], None], headers: list[tuple[str, str]]) -> Any:
    """Cookies that an ASGI application sets."""

    async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        view()
        head = [(b"content-type", b"text/html; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"<p>"})

    reply = await exchange(
        AsgiMiddleware(app, tracking=shared), "GET", "/p?q=1", headers, client=(ADDRESS, 1)
    )
    return reply.all("set-cookie")


async def wsgi(shared: Tracking, view: Callable[[], None], headers: list[tuple[str, str]]) -> Any:
    """Cookies that a WSGI application sets."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        view()
        start_response("200 OK", [("Content-Type", "text/html")])
        yield b"<p>"

    environ: dict[str, Any] = {"PATH_INFO": "/p", "QUERY_STRING": "q=1", "REMOTE_ADDR": ADDRESS}
    environ |= {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in headers}
    setup_testing_defaults(environ)
    environ["wsgi.input"] = io.BytesIO()
    found: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        found.extend(value for name, value in headers if name == "Set-Cookie")

    answer = WsgiMiddleware(app, tracking=shared)(environ, start_response)
    assert b"".join(answer) == b"<p>"
    answer.close()  # type: ignore[attr-defined]
    return found


@pytest.fixture(params=[asgi, wsgi], ids=["asgi", "wsgi"])
def get(request: pytest.FixtureRequest) -> Get:
    """Make a request with a browser's cookies, and let the browser take those of the answer."""
    serve: Any = request.param

    async def getting(
        shared: Tracking,
        browser: Browser,
        view: Callable[[], None] = _page,
        host: str = HOST,
        **headers: str,
    ) -> None:
        found = [("host", host), ("user-agent", AGENT), ("referer", "https://from.test/?q=1")]
        found += [(name.replace("_", "-"), value) for name, value in headers.items()]
        if browser.cookies:
            found.append(("cookie", browser.header))
        browser.take(await serve(shared, view, found))

    return getting


async def test_without_a_decision_visitors_are_anonymous(
    collector: MemoryCollector, browser: Browser, get: Get, caplog: pytest.LogCaptureFixture
) -> None:
    """By default nothing says who it was, no cookie is set, and a user id is refused."""
    await get(tracking(collector), browser)
    (event,) = collector.events
    assert event.mode is Mode.SERVER_ANONYMOUS
    assert (event["url"], event["refr"]) == (f"http://{HOST}/p", "https://from.test/")
    assert event["p"] == "web"
    assert browser.seen == []
    assert "user id is refused" in caplog.text
    collector.assert_anonymous(server=True)
    assert "secret-agent" not in str(event)
    assert current_tracker() is None


async def test_with_consent_visitors_are_identified(
    collector: MemoryCollector, browser: Browser, get: Get
) -> None:
    """With consent, ids come from the cookies of the tag, and go back into them (R177, R178)."""
    shared = tracking(collector, lambda _: True)
    await get(shared, browser)
    await get(shared, browser)
    first, second = collector.events
    assert first["uid"] == "bob"
    assert (first["ua"], first["ip"]) == (AGENT, ADDRESS)
    assert [first[n] for n in ("duid", "sid", "vid")] == [second[n] for n in ("duid", "sid", "vid")]
    assert (second.entity("client_session") or {})["eventIndex"] == 2
    assert browser.names() == {"_sp_id", "_sp_ses"}
    assert set(browser.cookies) == {cookie_name("id", HOST), cookie_name("ses", HOST)}
    found = attributes(browser.seen[0])
    assert found.pop("expires")
    assert found == {"path": "/", "domain": HOST, "samesite": "Lax", "secure": True}


async def test_the_cookies_of_the_tag_are_adopted(
    collector: MemoryCollector, browser: Browser, get: Get
) -> None:
    """The server goes on with the pair that a page has set for a wider domain (contract 5)."""
    user, visit = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
    browser.cookies = {
        cookie_name("id", "example.test"): f"{user}.1600000000.3.1600000001..{visit}....4",
        cookie_name("ses", "example.test"): "*",
    }
    await get(tracking(collector, lambda _: "granted"), browser)
    (event,) = collector.events
    assert (event["duid"], event["sid"], event["vid"]) == (user, visit, "3")
    assert {attributes(header)["domain"] for header in browser.seen} == {"example.test"}
    assert set(browser.cookies) == {cookie_name(key, "example.test") for key in ("id", "ses")}
    assert browser.cookies[cookie_name("id", "example.test")].endswith(".5")


async def test_an_anonymous_session_is_shared_too(
    collector: MemoryCollector, browser: Browser, get: Get
) -> None:
    """With session tracking, the anonymous session has its own cookie and nobody's id (W12)."""
    identified = f"{'a' * 8}-aaaa-4aaa-8aaa-{'a' * 12}.1.3.1..{'b' * 8}-bbbb-4bbb-8bbb-{'b' * 12}"
    browser.cookies = {cookie_name("id", HOST): identified, cookie_name("ses", HOST): "*"}
    shared = tracking(collector, anonymous_tracking={"with_session_tracking": True})
    await get(shared, browser)
    await get(shared, browser)
    first, second = collector.events
    assert first["sid"] == second["sid"]
    collector.assert_anonymous(session=True)
    assert browser.cookies[cookie_name("id", HOST)] == identified
    assert {header.partition(".")[0] for header in browser.seen} == {"_sp_as"}


async def test_turning_consent_off_takes_the_ids_away(
    collector: MemoryCollector, browser: Browser, get: Get
) -> None:
    """From the refusal on nothing says who it was, and clearing removes the cookies (W17)."""
    consent: list[object] = [True]
    shared = tracking(collector, lambda _: consent[0])  # type: ignore[return-value,arg-type]
    await get(shared, browser)
    consent[0] = False
    collector.clear()
    before = dict(browser.cookies)
    await get(shared, browser)
    collector.assert_anonymous(server=True)
    assert browser.cookies == before

    def clear() -> None:
        request_tracker().clear_user_data()

    await get(shared, browser, clear)
    assert browser.cookies == {}


async def test_a_withdrawal_reaches_what_waits(
    collector: MemoryCollector, browser: Browser, get: Get
) -> None:
    """Events of this visitor that wait lose their ids, those of others keep theirs (W23)."""
    shared = tracking(collector, lambda _: True)
    other = Browser()
    collector.down = True
    await get(shared, other)
    await get(shared, browser)

    def withdraw() -> None:
        request_tracker().enable_anonymous_tracking({"with_server_anonymisation": True})

    await get(shared, browser, withdraw)
    collector.down = False
    shared.flush()
    assert sorted(event.mode for event in collector) == [Mode.IDENTIFIED, Mode.SERVER_ANONYMOUS]


@pytest.mark.parametrize(
    ("headers", "options"),
    [
        ({"dnt": "1"}, {"respect_do_not_track": True}),
        ({"sec_gpc": "1"}, {"respect_global_privacy_control": "drop"}),
    ],
)
async def test_signals_drop(
    collector: MemoryCollector,
    browser: Browser,
    get: Get,
    headers: dict[str, str],
    options: dict[str, Any],
) -> None:
    """Signals win over consent: nothing is sent, and cookies of the tracker go (contract 6)."""
    browser.cookies = {cookie_name("id", HOST): "x", cookie_name("ses", HOST): "*", "own": "1"}
    await get(tracking(collector, lambda _: True, **options), browser, **headers)
    collector.assert_nothing_sent()
    assert browser.cookies == {"own": "1"}


async def test_an_opt_out_cookie_is_all_that_stays(
    collector: MemoryCollector, browser: Browser, get: Get
) -> None:
    """Who opted out sends nothing and gets nothing, whatever the application does (W3)."""
    browser.cookies = {"no": "1"}
    shared = tracking(collector, lambda _: True, opt_out_cookie="no", page_views=True)
    await get(shared, browser)
    collector.assert_nothing_sent()
    assert browser.seen == []


async def test_gpc_anonymises(collector: MemoryCollector, browser: Browser, get: Get) -> None:
    """`Sec-GPC: 1` beats the decision that a consent platform tells (S1, W20)."""
    await get(tracking(collector, lambda _: True), browser, sec_gpc="1")
    collector.assert_anonymous(server=True)
    assert browser.seen == []


async def test_page_views_are_tracked_if_asked(
    collector: MemoryCollector, browser: Browser, get: Get
) -> None:
    """With `page_views`, an HTML page is a page view, and its cookies are set in time."""
    shared = tracking(collector, lambda _: True, page_views=True)
    await get(shared, browser, lambda: None)
    (event,) = collector.events
    assert (event["e"], event["url"]) == ("pv", f"http://{HOST}/p?q=1")
    assert browser.names() == {"_sp_id", "_sp_ses"}


async def test_a_request_without_events_touches_no_cookie(
    collector: MemoryCollector, browser: Browser, get: Get
) -> None:
    """Where nothing is tracked, nothing is asked, read or renewed (W22, R57)."""
    asked: list[object] = []

    def consent(request: object) -> bool:
        asked.append(request)
        return True

    shared = tracking(collector, consent)
    await get(shared, browser, lambda: None)
    assert asked == browser.seen == []

    def look() -> None:
        request_tracker().get_domain_user_id()

    await get(tracking(collector, lambda _: True), browser, look)
    assert browser.seen == []


async def test_doubt_is_a_refusal(collector: MemoryCollector, browser: Browser, get: Get) -> None:
    """A consent function that fails or says something else is no consent (W13)."""

    def fails(_: object) -> bool:
        raise KeyError("canary")

    doubtful: list[Any] = [fails, lambda _: "yes", lambda _: 1]
    for consent in doubtful:
        await get(tracking(collector, consent), browser)
    collector.assert_anonymous(server=True)
    assert browser.seen == []


async def test_events_wait_for_consent_within_a_request(
    collector: MemoryCollector, browser: Browser, get: Get
) -> None:
    """With the buffer on, a decision in the same request counts; else they go anonymously."""
    shared = tracking(collector, consent_buffer=10)
    await get(shared, browser)
    collector.assert_anonymous(server=True)
    assert len(collector) == 1

    def decide() -> None:
        _page()
        assert len(collector) == 1
        request_tracker().set_consent("granted")

    await get(shared, browser, decide)
    assert collector.events[-1]["duid"]
    assert browser.names() == {"_sp_id", "_sp_ses"}


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:80", "", "bad host;"])
async def test_hosts_without_a_domain(
    collector: MemoryCollector, browser: Browser, get: Get, host: str
) -> None:
    """A host that is no domain name gets cookies without one, and nothing breaks."""
    await get(tracking(collector, lambda _: True), browser, host=host)
    assert browser.names() == {"_sp_id", "_sp_ses"}
    assert all("domain" not in attributes(header) for header in browser.seen)


async def test_malformed_cookies_do_no_harm(
    collector: MemoryCollector, browser: Browser, get: Get
) -> None:
    """Whatever stands in the cookies, a request is served and no text of it is sent (W26, R49)."""
    for value in ("%E0%A4%A", "<script>", "." * 50, "\xff", "a" * 5000, '"'):
        browser.cookies = {cookie_name("id", HOST): value, cookie_name("ses", HOST): value}
        await get(tracking(collector, lambda _: True), browser)
    assert len(collector) == 6
    assert not [event for event in collector if len(event["duid"]) != 36]


def test_options_that_make_no_sense_on_a_server(collector: MemoryCollector) -> None:
    """A server cannot reach local storage, and signals come with each request."""
    with pytest.raises(ConfigurationError, match="local storage"):
        tracking(collector, state_storage_strategy="local_storage")
    with pytest.raises(ConfigurationError, match="signals"):
        tracking(collector, signals=ProgramSignals())
    with pytest.raises(RuntimeError, match="middleware"):
        request_tracker()
