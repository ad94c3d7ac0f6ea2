"""The short way of the web worker against the way through ASGI: they must not differ."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whiteout import edge, post, worker
from whiteout.config import load
from whiteout.proof.wire import Answer
from whiteout.protocol.iglu import PAYLOAD_DATA
from whiteout.protocol.record import decode
from whiteout.spool import SpoolReader, SpoolUnavailable, SpoolWriter

TP2 = "/com.snowplowanalytics.snowplow/tp2"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EXPIRES = re.compile(r"Expires=[^;]*")

KNOWN = "5b3b8f5e-9b1c-4d5e-8f00-1234567890ab"
BODY = f'{{"schema":"{PAYLOAD_DATA}","data":[{{"e":"pv","p":"web","tv":"x-1","duid":"{KNOWN}"}}]}}'

HEADERS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                ("Content-Type", "application/json; charset=UTF-8"),
                ("Content-Type", "text/plain"),
                ("content-TYPE", "Application/JSON;charset=utf8"),
                ("Origin", "https://shop.example"),
                ("Origin", "null"),
                ("Origin", "https://a.example https://b.example"),
                ("Cookie", f"sp={KNOWN}"),
                ("Cookie", "sp=nonsense; other=1"),
                ("Cookie", "optout=1"),
                ("Cookie", "consent=1; sp=5b3b8f5e-9b1c-4d5e-8f00-1234567890ab"),
                ("SP-Anonymous", "*"),
                ("sp-anonymous", ""),
                ("Sec-GPC", "1"),
                ("DNT", "1"),
                ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36"),
                ("Referer", "https://shop.example/cart?who=me#there"),
                ("Accept-Language", "de-CH, en;q=0.5"),
                ("X-Forwarded-For", "203.0.113.77"),
                ("Connection", "close"),
                ("Connection", "keep-alive"),
            ]
        ),
        st.tuples(
            st.sampled_from(["Origin", "Cookie", "User-Agent", "Referer", "X-Other"]),
            st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40),
        ),
    ),
    max_size=8,
)
PATHS = st.sampled_from(
    [
        TP2,
        f"/anonymous{TP2}",
        f"{TP2}?aid=shop",
        f"{TP2}?nuid={KNOWN}&x=%ff",
        f"{TP2}?nuid=a%0d%0ab",
    ]
)
BODIES = st.one_of(st.just(BODY.encode()), st.binary(max_size=200), st.just(b"x" * 70_000))


class Site:
    """A web worker in this process, and what it stored."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self.port = port
        self._after = 0

    async def ask(self, raw: bytes) -> Answer:
        """The answer to a request on a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(raw)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            answer = Answer(int(head.split(b" ")[1]), head)
            body = await reader.readexactly(int(answer.header("content-length") or 0))
            return Answer(answer.status, head + body)
        finally:
            writer.close()

    def stored(self) -> list[Any]:
        """What was stored since the last call, without what differs from moment to moment."""
        found = []
        reader = SpoolReader(self._folder / "spool")
        for file in reader.files():
            for number, raw in file.read(self._after, 1_000):
                self._after = number
                record = decode(raw)
                request = record[0] if isinstance(record, tuple) else record
                request.received = 0
                found.append(UUID.sub(_unless_known, repr(record)))
        reader.close()
        return found


def _unless_known(match: re.Match[str]) -> str:
    return match[0] if match[0] == KNOWN else "uuid"


def _comparable(answer: Answer) -> tuple[int | None, list[str], bytes]:
    lines = answer.raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    kept = sorted(
        UUID.sub(_unless_known, EXPIRES.sub("Expires", line))
        for line in lines
        if not line.lower().startswith("date:")
    )
    return answer.status, kept, answer.body


@asynccontextmanager
async def running(folder: Path, **options: object) -> AsyncIterator[Site]:
    """A web worker with an opt-out cookie, and with further options."""
    options = {"data": str(folder), "opt_out_cookie": "optout=1", **options}
    config, _ = load(options, environ={})
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        listener.listen(100)
        server = worker.server(config, pages=False)
        serving = asyncio.ensure_future(server._serve([listener]))  # without its signal handlers
        while not server.started:
            await asyncio.sleep(0.01)
        yield Site(folder, port)
        server.should_exit = True
        await serving


def request(path: str, headers: list[tuple[str, str]], body: bytes, *, chunked: bool) -> bytes:
    """A POST that takes the short way or, with a body in chunks, the way through ASGI."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in headers)]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
        body = b"".join([b"%x\r\n%s\r\n" % (len(body), body) if body else b"", b"0\r\n\r\n"])
    else:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


OPTIONS: dict[str, dict[str, object]] = {
    "default": {},
    "always": {"anonymous": "always", "anonymous_time": "60", "anonymous_user_agent": "drop"},
    "consent": {"anonymous": "unless-consent", "consent_cookie": "consent=1"},
    "apps": {"anonymous_apps": "shop=always", "anonymous_url": "origin"},
    "origins": {"cors_origins": "https://shop.example", "cookie_domains": "shop.example"},
    "delete": {"cookie_on_anonymous": "delete", "hsts": "60", "dnt": "drop"},
    "path": {"paths": f"{TP2}=/foo/bar"},
    "leads": {"paths": f"{TP2}=/r/tp2", "redirect_hosts": "shop.example"},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_both_ways_answer_and_store_alike(tmp_path: Path, name: str) -> None:
    """A-14, A-15, A-20, A-51: whatever a POST holds, its way makes no difference.

    So it is with every option; where paths stand for others, there is only one way.
    """

    async def compare(data: st.DataObject, site: Site) -> None:
        path, headers, body = data.draw(PATHS), data.draw(HEADERS), data.draw(BODIES)
        answers, stored = [], []
        with patch.object(edge, "short_way", wraps=post.short_way) as way:
            for chunked in (False, True):
                raw = request(path, headers, body, chunked=chunked)
                answers.append(_comparable(await site.ask(raw)))
                stored.append(site.stored())
            assert way.call_count == (0 if "paths" in OPTIONS[name] else 2)
        assert answers[0] == answers[1]
        assert stored[0] == stored[1]

    with asyncio.Runner() as runner:
        context = running(tmp_path, **OPTIONS[name])
        site = runner.run(context.__aenter__())

        @settings(
            max_examples=150 if name == "default" else 30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(st.data())
        def check(data: st.DataObject) -> None:
            runner.run(compare(data, site))

        check()
        runner.run(context.__aexit__(None, None, None))


@pytest.mark.parametrize("chunked", [False, True])
async def test_events_that_cannot_be_stored(tmp_path: Path, chunked: bool) -> None:
    """A-19: a spool that refuses is answered 503 on both ways, and when to come again."""
    async with running(tmp_path) as site:
        raw = request(TP2, [("Origin", "https://shop.example")], BODY.encode(), chunked=chunked)
        with patch.object(SpoolWriter, "append", side_effect=SpoolUnavailable("no disk")):
            answer = await site.ask(raw)
        assert (answer.status, answer.header("retry-after")) == (503, "1")
        assert answer.header("access-control-allow-origin") == "https://shop.example"
        assert (await site.ask(raw)).status == 200


async def test_a_defect_is_answered(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A request that meets a defect is answered, and the log holds nothing of what it said."""
    async with running(tmp_path) as site:
        raw = request(TP2, [], BODY.encode(), chunked=False)
        with patch("whiteout.collector.taking.encode_identified", side_effect=ValueError(KNOWN)):
            answer = await site.ask(raw)
        assert answer.status == 500
        assert "ValueError" in caplog.text
        assert KNOWN not in caplog.text
        assert (await site.ask(raw)).status == 200


async def test_bodies_in_pieces_have_a_bound_together(tmp_path: Path) -> None:
    """A-67: bodies that have arrived in part hold no more memory than they may."""
    with patch.object(worker, "EdgeSettings", _small):
        async with running(tmp_path) as site:
            reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
            raw = request(TP2, [], b"x" * 60_000, chunked=False)
            writer.write(raw[:50_000])
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            assert head.startswith(b"HTTP/1.1 503 ")
            writer.close()
            assert (await site.ask(request(TP2, [], BODY.encode(), chunked=False))).status == 200


async def test_a_66_connections_have_a_bound(tmp_path: Path) -> None:
    """A-66: beyond so many connections further ones are dropped, and those there go on."""

    def few(**named: Any) -> edge.EdgeSettings:
        return edge.EdgeSettings(**named, connections=5)

    with patch.object(worker, "EdgeSettings", few):
        async with running(tmp_path) as site:
            raw = request(TP2, [], BODY.encode(), chunked=False)
            crowd = [await asyncio.open_connection("127.0.0.1", site.port) for _ in range(5)]
            reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
            with suppress(ConnectionResetError):
                assert await reader.read(1) == b""
            writer.close()
            crowd[0][1].write(raw)
            assert (await crowd[0][0].readuntil(b"\r\n")).startswith(b"HTTP/1.1 200 ")
            for _, other in crowd:
                other.close()
            await asyncio.sleep(0.1)
            assert (await site.ask(raw)).status == 200


def _small(**named: Any) -> edge.EdgeSettings:
    return edge.EdgeSettings(**named, body_memory=40_000)
