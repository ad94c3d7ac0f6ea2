"""Pages, assets, `/api/events`, and what every answer carries."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from pathlib import Path

import pytest

from tests.live.asgi import Answer, MemoryFeed, ask
from whiteout import assets
from whiteout.live import Live, LiveSettings, app, owns
from whiteout.live.headers import SECURITY_HEADERS

HOST = {"Host": "127.0.0.1:9090"}


def live(feed: MemoryFeed | None = None) -> Live:
    """The pages over a feed in memory."""
    return Live(LiveSettings(Path("unused"), None, "1.2.3"), lambda: feed or MemoryFeed())


def ids(answer: Answer) -> list[int]:
    """Cursors of the events in an answer of `/api/events`."""
    return [event["id"] for event in json.loads(answer.text)["events"]]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/", 200),
        ("/try", 200),
        ("/overview", 200),
        ("/demo", 200),
        ("/demo/", 200),
        ("/demo/p/ink", 200),
        ("/demo/cart", 200),
        ("/demo/gone", 404),
        ("/demo/p/a/b", 404),
        ("/visitor", 200),
        ("/desk", 200),
        ("/api/desk", 403),
        ("/api/desk/profiles", 403),
        ("/api/visitor", 200),
        ("/api/overview", 200),
        ("/api/overview.csv", 200),
        ("/api/events", 200),
        ("/api/events?limit=x", 400),
        ("/assets/live.js", 200),
        ("/assets/none.js", 404),
        ("/nowhere", 404),
        ("/try/", 404),
        ("/api", 404),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_every_answer_is_hardened(target: str, status: int, method: str) -> None:
    """Each answer, errors too, carries the security headers."""
    answer = await ask(live(), target, method=method)
    assert answer.status == status
    assert set(SECURITY_HEADERS) <= set(answer.lines)
    assert "cache-control" in answer.headers


async def test_the_policy_is_strict() -> None:
    """No inline script, no foreign source, no frame, Trusted Types."""
    policy = dict(
        part.partition(" ")[::2]
        for part in dict(SECURITY_HEADERS)["content-security-policy"].split("; ")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


@pytest.mark.parametrize("target", ["/", "/try", "/api/events", "/api/stream", "/assets/live.js"])
async def test_pages_are_for_reading(target: str) -> None:
    """Other methods get 405."""
    answer = await ask(live(), target, method="POST")
    assert answer.status == 405
    assert set(SECURITY_HEADERS) <= set(answer.lines)


@pytest.mark.parametrize(
    ("target", "count"), [("/", 3), ("/try", 4), ("/visitor", 4), ("/overview", 3), ("/demo", 4)]
)
async def test_pages_name_their_files_by_digest(target: str, count: int) -> None:
    """Every file that a page names is there, and may be cached for ever under that name."""
    page = await ask(live(), target)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    assert "whiteout 1.2.3" in page.text
    files = re.findall(r'(?:href|src)="(/[^"]+\.(?:js|css|svg)[^"]*)"', page.text)
    assert all(re.search(r"\?v=[0-9a-f]{16}$", name) for name in files)
    assert len(files) == count
    for name in files:
        if name.startswith("/whiteout.js"):
            continue  # the collector serves it
        answer = await ask(live(), name)
        assert answer.status == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_the_version_is_text() -> None:
    """The version is escaped."""
    pages = Live(LiveSettings(Path("unused"), None, "<b>"), MemoryFeed)
    assert "whiteout &lt;b&gt;" in (await ask(pages)).text


@pytest.mark.parametrize("target", ["/", "/try", "/assets/live.js", "/assets/icon.svg?v=other"])
async def test_what_did_not_change_is_not_sent_again(target: str) -> None:
    """An ETag that fits gets 304 without a body."""
    first = await ask(live(), target)
    assert first.headers["cache-control"] == "no-cache"
    again = await ask(live(), target, {**HOST, "If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    other = await ask(live(), target, {**HOST, "If-None-Match": '"other"'})
    assert other.status == 200


async def test_files_are_compressed_for_who_can_read_it() -> None:
    """Files go out as gzip where the client says so, and plain otherwise."""
    squeezed = await ask(live(), "/assets/live.js", {**HOST, "Accept-Encoding": "gzip, br"})
    plain = await ask(live(), "/assets/live.js")
    assert squeezed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(squeezed.body) == plain.body == assets.read("live.js")
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    "name", ["live.html", "signin.html", "__init__.py", "..%2f__init__.py", "..", ".", "live", ""]
)
async def test_only_built_files_are_assets(name: str) -> None:
    """Templates, sources and paths out of the folder are no assets."""
    assert (await ask(live(), f"/assets/{name}")).status == 404


async def test_the_front_end_is_small() -> None:
    """All scripts and the style sheet stay below 120 KB compressed, those of a page below 40 KB."""
    names = {name.removesuffix(".html") for name in assets.names() if name.endswith(".html")}
    sizes = {name: len(gzip.compress(assets.read(f"{name}.js"))) for name in names - {"signin"}}
    style = len(gzip.compress(assets.read("live.css")))
    assert style + sum(sizes.values()) < 120_000
    assert style + max(sizes.values()) < 40_000


async def test_events_without_a_cursor_are_the_newest() -> None:
    """Without `after`: the newest, oldest first, and the cursor to go on from."""
    feed = MemoryFeed(250)
    answer = await ask(live(feed), "/api/events")
    assert ids(answer) == list(range(151, 251))
    body = json.loads(answer.text)
    assert body["last"] == 250
    assert body["events"][0]["entry"] == json.loads(feed.entries[150][1])
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=1", [1_000]),
        ("limit=500", list(range(501, 1_001))),
        ("after=0&limit=2", [1, 2]),
        ("after=998", [999, 1_000]),
        ("after=1000", []),
        ("after=9223372036854775807", []),
    ],
)
async def test_limit_and_after(query: str, expected: list[int]) -> None:
    """`limit` bounds the answer, `after` goes on from a cursor."""
    answer = await ask(live(MemoryFeed(1_000)), f"/api/events?{query}")
    assert ids(answer) == expected
    assert json.loads(answer.text)["last"] == 1_000


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=-1",
        "limit=",
        "limit=1.5",
        "limit=%C2%B2",
        "limit=" + "1" * 5_000,
        "after=-1",
        "after=x",
        "after=9223372036854775808",
    ],
)
async def test_bad_parameters_are_said(query: str) -> None:
    """A parameter that is not a number in its range gets 400 with the range."""
    answer = await ask(live(), f"/api/events?{query}")
    assert answer.status == 400
    name = query.partition("=")[0]
    assert json.loads(answer.text)["error"].startswith(f"{name} must be a whole number from")


async def test_an_empty_feed_has_no_events() -> None:
    """Before the first event there is an empty list."""
    assert json.loads((await ask(live(), "/api/events")).text) == {"events": [], "last": 0}


async def test_an_unreadable_feed_is_503() -> None:
    """The answer says that the feed cannot be read, and not why."""
    feed = MemoryFeed()
    feed.error = sqlite3.OperationalError("canary")
    answer = await ask(live(feed), "/api/events")
    assert answer.status == 503
    assert json.loads(answer.text) == {"error": "the feed cannot be read"}


async def test_a_feed_file_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    """The pages open before the loader has written anything."""
    pages = app(LiveSettings(tmp_path / "feed.db", None, "1"))
    assert json.loads((await ask(pages, "/api/events")).text) == {"events": [], "last": 0}


def test_settings_do_not_show_the_token() -> None:
    """The token does not get into a log by way of the settings."""
    assert "secret" not in repr(LiveSettings(Path("feed.db"), "secret", "1"))


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/", True),
        ("/try", True),
        ("/visitor", True),
        ("/overview", True),
        ("/demo", True),
        ("/demo/p/ink", True),
        ("/demonstration", False),
        ("/signin", True),
        ("/signout", True),
        ("/assets/live.js", True),
        ("/api/events", True),
        ("/i", False),
        ("/try/this", False),
        ("/com.snowplowanalytics.snowplow/tp2", False),
        ("/health", False),
    ],
)
def test_owns(path: str, own: bool) -> None:
    """The paths of the pages are told from those of the collector (contract 14)."""
    assert owns(path) is own
