"""A connection of a web worker that is fed arbitrary bytes, without a network or a disk."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from whiteout import worker
from whiteout.config import load
from whiteout.privacy import encode_base64url
from whiteout.proof.wire import request
from whiteout.protocol.iglu import PAYLOAD_DATA
from whiteout.spool import Done

TP2 = "/com.snowplowanalytics.snowplow/tp2"
UUID = "5b3b8f5e-9b1c-4d5e-8f00-1234567890ab"
EVENT = f'{{"e":"pv","p":"web","tv":"x-1","duid":"{UUID}","url":"https://a@b.example/?q=1#f"}}'
BODY = f'{{"schema":"{PAYLOAD_DATA}","data":[{EVENT}]}}'.encode()
ENTITY = (
    '{"schema":"iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2","data":{}}'
)
CX = encode_base64url(f'{{"schema":"iglu:x/contexts/jsonschema/1-0-0","data":[{ENTITY}]}}'.encode())

OPTIONS: dict[str, object] = {
    "anonymous": "unless-consent",
    "anonymous_apps": "shop=header",
    "consent_cookie": "consent=1",
    "consent_documents": "d",
    "cookie_domains": "shop.example",
    "cors_origins": "https://shop.example",
    "paths": "/my/path=/r/tp2",
    "redirect_hosts": "shop.example",
    "trusted_proxies": "127.0.0.1",
    "access_log": "true",
}
"""As much as possible is on, so that as much code as possible is reached."""

_HEADERS = [
    ("Content-Type", "application/json; charset=UTF-8"),
    ("Origin", "https://shop.example"),
    ("Cookie", f"sp={UUID}; consent=1; whiteout_opt_out=0"),
    ("Referer", "https://shop.example/a?b=c#d"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0"),
    ("X-Forwarded-For", "203.0.113.7, 127.0.0.1"),
]
_CHUNKED = (
    f"POST {TP2} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    f"Content-Type: application/json\r\n\r\n{len(BODY):x}\r\n".encode()
    + BODY
    + b"\r\n0\r\n\r\n"
)

SEEDS: tuple[bytes, ...] = (
    request("POST", TP2, _HEADERS, BODY),
    request("POST", f"{TP2}?aid=shop&nuid={UUID}", _HEADERS, BODY),
    request("POST", TP2, [*_HEADERS, ("SP-Anonymous", "*")], BODY),
    request("POST", f"/anonymous{TP2}", [("Content-Type", "text/plain")], BODY),
    request("GET", f"/i?e=pv&p=web&cx={CX.decode()}&url=https%3A%2F%2Fa%2F", _HEADERS),
    request("GET", f"/r/tp2?u={quote('https://shop.example/x?y#z', safe='')}&e=pv", _HEADERS),
    request("GET", "/my/path?u=https://shop.example/", _HEADERS),
    request("HEAD", "/ice.png?e=se&nuid=x", _HEADERS),
    request("OPTIONS", TP2, _HEADERS),
    request("POST", "/privacy/opt-out", [("Accept", "application/json"), ("Host", "x")]),
    request("GET", "/privacy/opt-in", _HEADERS),
    request("GET", "/.well-known/gpc.json"),
    request("GET", "/whiteout.js", [("Accept-Encoding", "gzip")]),
    request("GET", "/health"),
    request("POST", TP2, [("Expect", "100-continue"), ("Sec-GPC", "1"), ("DNT", "1")], BODY),
    _CHUNKED,
    request("POST", TP2, _HEADERS, BODY).replace(b"Connection: close\r\n", b"") * 2,
)
"""Well-formed requests of every kind."""

WORDS: tuple[bytes, ...] = (
    *(
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\0",
        b" ",
        b"\t",
        b":",
        b";",
        b"=",
        b"&",
        b"%",
        b"%00",
        b"%ff",
    ),
    *(b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"Host: ", b"Cookie: ", b"sp="),
    *(b"HTTP/1.1", b"HTTP/1.0", b"HTTP/9.9", b"POST ", b"GET ", b"0\r\n\r\n", b"ffffffff\r\n"),
    *(b'"', b"{", b"}", b"[", b"[" * 300, b"]", b"\\u0000", b"\\ud800", b"1e999", b"-0", b"null"),
    *(b"u=", b"nuid=", b"aid=shop", b"cx=", b"co=", b"ue_px=", b"://", b"@", b"\\", b"//", b"/r/"),
    *(b"\xff\xfe", "ÿ".encode(), b"A" * 5_000, b"Upgrade: h2c\r\nConnection: Upgrade\r\n"),
)
"""What breaks parsers."""

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


class _Spool:
    """Stores nothing, at once."""

    healthy = True

    def append(self, _record: bytes) -> asyncio.Future[None]:
        """A record that is durable already."""
        future = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future

    def append_then(self, _record: bytes, done: Done) -> None:
        """A record that is durable in a moment."""
        asyncio.get_running_loop().call_soon(done, None)

    async def close(self) -> None:
        """Nothing to let go of."""


class _Transport(asyncio.Transport):
    """The client's end: keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1234), "sockname": ("127.0.0.1", 80)})
        self.written = bytearray()
        self.closed = False

    def write(self, data: Any) -> None:
        """Take bytes."""
        self.written += data

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed

    def close(self) -> None:
        """Close it."""
        self.closed = True

    abort = close

    def pause_reading(self) -> None:
        """Go on all the same."""

    def resume_reading(self) -> None:
        """Go on."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There are none."""


class _State:
    """What uvicorn's connections share."""

    def __init__(self) -> None:
        self.total_requests = 0
        self.connections: set[Any] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.default_headers: list[tuple[bytes, bytes]] = []


class _Failures(logging.Handler):
    """Notes every warning and error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Note one."""
        if record.name != "uvicorn.error" or record.levelno > logging.WARNING:
            self.said.append(f"{record.name}: {record.getMessage()} {record.exc_info}")


class Target:
    """A web worker that takes one connection after the other."""

    def __init__(self, folder: Path) -> None:
        config, _ = load({"data": str(folder), **OPTIONS}, environ={})
        self._server = worker.server(config, pages=True)
        self._server.config.load()
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._state = _State()
        self._failures = _Failures()
        logging.getLogger().addHandler(self._failures)
        logging.getLogger("whiteout.access").propagate = False
        self._class = cast("Any", self._server.config.http_protocol_class)
        collector = self._class.edge.collector
        collector._spool, collector._loop = _Spool(), self._loop

    def close(self) -> None:
        """End the loop."""
        logging.getLogger().removeHandler(self._failures)
        logging.getLogger("whiteout.access").propagate = True
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        self._loop.close()

    def feed(self, pieces: Iterable[bytes]) -> list[int]:
        """The statuses that a connection is answered with; it must end clean, whatever it said."""
        return self._loop.run_until_complete(self._feed(pieces))

    async def _feed(self, pieces: Iterable[bytes]) -> list[int]:
        connection = self._class(
            config=self._server.config, server_state=self._state, app_state={}, _loop=self._loop
        )
        transport = _Transport()
        connection.connection_made(transport)
        for piece in pieces:
            if transport.closed:
                break
            connection.data_received(piece)
            await asyncio.sleep(0)
        await self._settle(until_answered=True)
        connection.connection_lost(None)
        await self._settle(until_answered=False)
        assert not self._state.tasks, "a request outlives its connection"
        assert not self._state.connections
        assert self._class.edge.held == 0
        assert not self._failures.said, self._failures.said
        statuses = [int(status) for status in _STATUS.findall(bytes(transport.written))]
        assert all(status < 500 for status in statuses), statuses
        return statuses

    async def _settle(self, *, until_answered: bool) -> None:
        for _ in range(20):
            await asyncio.sleep(0)
        for _ in range(0 if until_answered else 200):
            if not self._state.tasks:
                return
            await asyncio.sleep(0.005)


def mutated(chance: random.Random) -> bytes:
    """A request that something happened to."""
    raw = bytearray(chance.choice(SEEDS))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(raw) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            raw[at:at] = chance.choice(WORDS)
        elif kind == 1:
            raw[at : at + chance.randrange(1, 40)] = b""
        elif kind == 2:
            raw[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 3:
            raw[at : at + chance.randrange(1, 12)] = chance.choice(WORDS)
        elif kind == 4:
            other = chance.choice(SEEDS)
            start = chance.randrange(len(other))
            raw[at:at] = other[start : start + chance.randrange(1, 200)]
        else:
            raw[at:at] = raw[at // 2 : at]
        if not raw:
            raw += b"G"
    return bytes(raw[:60_000])


def in_pieces(raw: bytes, chance: random.Random) -> Iterator[bytes]:
    """The same bytes as a network may deliver them."""
    while raw:
        size = chance.choice((len(raw), len(raw), 1, 7, 300))
        yield raw[:size]
        raw = raw[size:]
