"""HTTP that nobody should send, at a real server: never a crash, never a hang, never a 5xx.

Each test ends with an ordinary request that must be answered by the same worker.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.process import Whiteout
from whiteout.proof.wire import Answer, exchange, request
from whiteout.protocol.iglu import PAYLOAD_DATA

TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = ("Content-Type", "application/json; charset=UTF-8")
BODY = json.dumps({"schema": PAYLOAD_DATA, "data": [{"e": "pv", "p": "web", "tv": "x-1"}]}).encode()
POST = request("POST", TP2, [JSON], BODY)
KEPT = POST.replace(b"Connection: close\r\n", b"")
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whiteout]:
    """A collector that waits a second for headers and for bodies."""
    folder = tmp_path_factory.mktemp("hostile")
    limits = ("--body-timeout", "1", "--header-timeout", "1", "--idle-timeout", "2")
    with Whiteout(folder, *limits, command="collect") as server:
        yield server


@pytest.fixture
def server(running: Whiteout) -> Iterator[Whiteout]:
    """The collector, which must be the same and well after the test, and must have said nothing."""
    before = running.processes()
    said = running.output()
    yield running
    assert exchange(running.port, POST).status == 200
    assert running.processes() == before, "a process was replaced"
    assert running.output() == said


def connect(server: Whiteout, timeout: float = 10) -> socket.socket:
    """A connection to the server."""
    return socket.create_connection(("127.0.0.1", server.port), timeout)


@contextmanager
def crowd(server: Whiteout, size: int) -> Iterator[list[socket.socket]]:
    """Many connections to the server."""
    with ExitStack() as stack:
        yield [stack.enter_context(connect(server)) for _ in range(size)]


def response(stream: socket.socket, buffered: bytes = b"") -> tuple[Answer, bytes]:
    """The next response of a connection, and what was read behind it."""
    while b"\r\n\r\n" not in buffered:
        chunk = stream.recv(65_536)
        assert chunk, f"closed after {buffered!r}"
        buffered += chunk
    head, _, rest = buffered.partition(b"\r\n\r\n")
    answer = Answer(int(head.split(b" ")[1]), head + b"\r\n\r\n")
    length = int(answer.header("content-length") or 0)
    while len(rest) < length:
        chunk = stream.recv(65_536)
        assert chunk, f"closed after {buffered!r}"
        rest += chunk
    return Answer(answer.status, answer.raw + rest[:length]), rest[length:]


def closed(stream: socket.socket) -> bool:
    """Whether the server closes the connection."""
    with suppress(ConnectionResetError):
        while stream.recv(65_536):
            pass
    return True


def resident(server: Whiteout) -> float:
    """Resident memory of all processes of the server, in MB."""
    total = 0
    for pid in server.processes():
        fields = Path(f"/proc/{pid}/statm").read_text().split()
        total += int(fields[1]) * 4096
    return total / MEGABYTE


def head(*lines: str) -> bytes:
    """The bytes of a POST's head with these header lines."""
    return "\r\n".join([f"POST {TP2} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


@pytest.mark.parametrize("sent", [b"", b"{", BODY[:-1]])
@pytest.mark.parametrize("framing", [f"Content-Length: {len(BODY)}", "Transfer-Encoding: chunked"])
def test_a_66_body_that_never_finishes(server: Whiteout, framing: str, sent: bytes) -> None:
    """A-66: a body that stops is answered 408 in time, and the connection is closed."""
    part = b"%x\r\n%s\r\n" % (len(sent), sent) if "chunked" in framing and sent else sent
    with connect(server) as stream:
        stream.sendall(head(framing) + part)
        began = time.monotonic()
        answer, _ = response(stream)
        assert answer.status == 408
        assert 0.8 < time.monotonic() - began < 3
        assert closed(stream)


def test_a_66_bodies_that_trickle_hold_nobody_up(server: Whiteout) -> None:
    """A-66: hundreds of slow bodies end in time, and others are served meanwhile."""
    with crowd(server, 200) as streams:
        for stream in streams:
            stream.sendall(head("Content-Length: 1000") + b"{")
        began = time.monotonic()
        while time.monotonic() - began < 0.7:
            for stream in streams[::20]:
                stream.sendall(b" ")
            assert exchange(server.port, POST).status == 200
        statuses = [response(stream)[0].status for stream in streams]
        assert time.monotonic() - began < 6
    assert statuses == [408] * 200


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("anonymous", [False, True])
def test_a_67_ten_megabytes(server: Whiteout, chunked: bool, anonymous: bool) -> None:
    """A-67: who sends 10 MB gets the answer 422, and can go on with the same connection."""
    body = bytes(10 * MEGABYTE)
    signal = ["SP-Anonymous: *"] if anonymous else []
    with connect(server) as stream:
        if chunked:
            stream.sendall(head("Transfer-Encoding: chunked", *signal))
            for start in range(0, len(body), MEGABYTE):
                stream.sendall(b"%x\r\n%s\r\n" % (MEGABYTE, body[start : start + MEGABYTE]))
            stream.sendall(b"0\r\n\r\n")
        else:
            stream.sendall(head(f"Content-Length: {len(body)}", *signal) + body)
        answer, rest = response(stream)
        assert (answer.status, answer.body) == (422, b"body is too large")
        stream.sendall(KEPT)
        assert response(stream, rest)[0].status == 200


def test_a_67_a_gigabyte_is_not_taken(server: Whiteout) -> None:
    """A-67: a body that is declared endless is refused before it is sent."""
    with connect(server) as stream:
        stream.sendall(head(f"Content-Length: {1024 * MEGABYTE}"))
        assert response(stream)[0].status == 422
        with suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(256):
                stream.sendall(bytes(MEGABYTE))
            pytest.fail("the server took 256 MB")


def test_a_67_a_stream_without_end_is_cut_off(server: Whiteout) -> None:
    """A-67: chunks without end are answered 422 and not taken for ever."""
    with connect(server) as stream:
        stream.sendall(head("Transfer-Encoding: chunked"))
        chunk = b"%x\r\n%s\r\n" % (MEGABYTE, bytes(MEGABYTE))
        with suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(256):
                stream.sendall(chunk)
            pytest.fail("the server took 256 MB")


def test_a_67_expectation_is_answered_first(server: Whiteout) -> None:
    """A-67: a client that asks before it sends is told 422, or 100 and then served."""
    with connect(server) as stream:
        stream.sendall(head("Content-Length: 10000000", "Expect: 100-continue"))
        assert response(stream)[0].status == 422
    with connect(server) as stream:
        stream.sendall(
            head(f"Content-Length: {len(BODY)}", JSON[0] + ": " + JSON[1], "Expect: 100-continue")
        )
        assert stream.recv(65_536).startswith(b"HTTP/1.1 100 ")
        stream.sendall(BODY)
        assert response(stream)[0].status == 200


def test_memory_stays_bounded(server: Whiteout) -> None:
    """Large bodies, finished or not, are not kept: memory stays below their sum by far."""
    before = resident(server)
    body = bytes(10 * MEGABYTE)
    with ThreadPoolExecutor(16) as pool:
        raw = request("POST", TP2, [JSON], body)
        statuses = set(pool.map(lambda _: exchange(server.port, raw).status, range(48)))
    assert statuses == {422}
    after_large = resident(server)
    piece = head("Content-Length: 2000000") + bytes(1_900_000)

    def send(stream: socket.socket) -> int | None:
        with suppress(BrokenPipeError, ConnectionResetError):
            stream.sendall(piece)
        return response(stream)[0].status

    with crowd(server, 150) as streams, ThreadPoolExecutor(150) as pool:
        seen = list(pool.map(send, streams))
    assert set(seen) <= {408, 503}
    assert after_large - before < 150
    assert resident(server) - before < 400


def test_pipelining(server: Whiteout) -> None:
    """Requests that are sent without waiting are answered one by one, in order."""
    kinds = [
        (KEPT, 200),
        (b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", 200),
        (b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"HEAD /i?e=pv HTTP/1.1\r\nHost: x\r\n\r\n", 200),
        (b"GET /i?e=pv HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 200),
        (b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 404),
        (head("Content-Encoding: gzip", "Content-Length: 3") + b"abc", 422),
    ]
    for raw, status in kinds:
        with connect(server) as stream:
            stream.sendall(raw + KEPT * 20)
            buffered = b""
            if raw.startswith(b"HEAD"):
                while b"\r\n\r\n" not in buffered:
                    buffered += stream.recv(65_536)
                first, _, buffered = buffered.partition(b"\r\n\r\n")
                assert first.split(b" ")[1] == b"200"
            else:
                answer, buffered = response(stream, buffered)
                assert answer.status == status
            for _ in range(20):
                answer, buffered = response(stream, buffered)
                assert (answer.status, answer.body) == (200, b"ok")


def test_a_client_that_never_reads(server: Whiteout) -> None:
    """Who sends on and on and reads no answer hurts nobody else."""
    with connect(server, timeout=1) as stream:
        with suppress(TimeoutError, BrokenPipeError, ConnectionResetError):
            for _ in range(20_000):
                stream.sendall(KEPT)
        assert exchange(server.port, POST).status == 200


@pytest.mark.parametrize("piece", ["X: " + "y" * MEGABYTE, "Cookie: " + "a=b; " * 200_000])
def test_a_66_huge_headers(server: Whiteout, piece: str) -> None:
    """A-66: headers without measure are refused with a 4xx or by closing."""
    answer = exchange(server.port, head(piece, "Content-Length: 0"))
    assert answer.status is None or 400 <= answer.status < 500


def test_a_66_many_headers(server: Whiteout) -> None:
    """A-66: so are headers without number."""
    answer = exchange(server.port, head(*(f"X-{i}: y" for i in range(5_000)), "Content-Length: 0"))
    assert answer.status is None or 400 <= answer.status < 500


def test_a_66_headers_as_large_as_they_may_be(server: Whiteout) -> None:
    """A-66: 30 KB of cookies are no reason to lose an event."""
    cookies = ("Cookie", "; ".join(f"c{i}=" + "v" * 100 for i in range(280)))
    assert exchange(server.port, request("POST", TP2, [JSON, cookies], BODY)).status == 200


@pytest.mark.parametrize("size", [10_000, 60_000, 200_000])
def test_a_66_long_queries(server: Whiteout, size: int) -> None:
    """A-66: a long query is taken or refused with a 4xx."""
    answer = exchange(server.port, request("GET", "/i?e=pv&page=" + "x" * size))
    assert answer.status == 200 if size < 20_000 else answer.status in {200, 400, 414, 431}


BROKEN = {
    "nothing": b"",
    "line ends": b"\r\n\r\n\r\n",
    "words": b"hello there\r\n\r\n",
    "NUL": b"\0" * 1_000,
    "random": bytes(range(256)) * 20,
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(200),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/9": b"GET /i HTTP/9.9\r\nHost: x\r\n\r\n",
    "HTTP/0.9": b"GET /i\r\n\r\n",
    "no host": b"GET /i?e=pv HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /i?e=pv HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "spaces in target": b"GET /i?a b c HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in target": b"GET /i\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no colon": b"GET /i HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n",
    "folded": b"GET /i HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
    "NUL in header": b"GET /i HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n",
    "negative length": head("Content-Length: -1"),
    "length in words": head("Content-Length: many"),
    "two lengths": head("Content-Length: 1", "Content-Length: 2") + b"ab",
    "list of lengths": head("Content-Length: 1, 2") + b"ab",
    "length and chunks": head("Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "unknown coding": head("Transfer-Encoding: wrong") + b"abc",
    "bad chunk": head("Transfer-Encoding: chunked") + b"zz\r\nabc\r\n",
    "huge chunk": head("Transfer-Encoding: chunked") + b"ffffffffffffffffff\r\nabc",
    "chunk extension": head("Transfer-Encoding: chunked") + b"1;" + b"x" * MEGABYTE,
    "trailers": head("Transfer-Encoding: chunked") + b"0\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
    "upgrade": b"GET /i HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "h2c": b"GET /i HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    "CONNECT": b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "odd method": b"\xfc\xff /i HTTP/1.1\r\nHost: x\r\n\r\n",
    "odd target": b"GET http://[::1/i HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes in target": b"GET /\xff\xfe?\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "percent": b"GET /%ff/%00%zz?%zz HTTP/1.1\r\nHost: x\r\n\r\n",
    "absolute": b"GET http://user:pw@example.com/i?e=pv HTTP/1.1\r\nHost: x\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
}


def test_bad_http(server: Whiteout) -> None:
    """What is hardly HTTP gets a 2xx, a 4xx or a closed connection, soon, and never a 5xx."""

    def send(raw: bytes) -> bytes:
        answer = b""
        with connect(server, timeout=5) as stream, suppress(BrokenPipeError, ConnectionResetError):
            stream.sendall(raw)
            while chunk := stream.recv(65_536):
                answer += chunk
        return answer

    with ThreadPoolExecutor(len(BROKEN)) as pool:
        answers = dict(zip(BROKEN, pool.map(send, BROKEN.values()), strict=True))
    for kind, answer in answers.items():
        status = int(answer.split(b" ", 2)[1]) if answer else 400
        assert 200 <= status < 500, f"{kind}: {answer!r}"
        assert b"set-cookie: " not in answer.lower() or status == 200, f"{kind}: {answer!r}"


def test_connections_that_fall_silent(server: Whiteout) -> None:
    """A connection without a further request is closed in time, and no sooner."""
    with connect(server) as stream:
        stream.sendall(KEPT)
        assert response(stream)[0].status == 200
        time.sleep(1.2)
        stream.sendall(KEPT)
        assert response(stream)[0].status == 200
        began = time.monotonic()
        assert closed(stream)
        assert 1.5 < time.monotonic() - began < 5


def test_headers_that_never_finish(server: Whiteout) -> None:
    """Slow headers are given up in time, and connections that say nothing cost nobody else."""
    with crowd(server, 300) as streams:
        for stream in streams[:100]:
            stream.sendall(b"POST /com.snowplow")
        for stream in streams[100:200]:
            stream.sendall(head()[:-2] + b"X-Slow: ")
        assert exchange(server.port, POST).status == 200
        began = time.monotonic()
        assert all(closed(stream) for stream in streams[:200])
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("keep", [False, True])
def test_http_1_0(server: Whiteout, keep: bool) -> None:
    """HTTP/1.0 is served, one request a connection."""
    more = b"Connection: keep-alive\r\n" if keep else b""
    body = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
    raw = f"POST {TP2} HTTP/1.0\r\n".encode() + more + body
    with connect(server) as stream:
        stream.sendall(raw)
        answer, _ = response(stream)
        assert (answer.status, answer.body) == (200, b"ok")
        assert closed(stream)


def test_clients_that_go_away(server: Whiteout) -> None:
    """Clients that leave at any byte of their request leave no trace."""
    for end in range(1, len(POST), 7):
        with connect(server) as stream:
            stream.sendall(POST[:end])
    for _ in range(50):
        with connect(server) as stream:
            stream.sendall(KEPT)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_response_splitting(server: Whiteout) -> None:
    """A-31: nothing that a client sends can become a header or a second response."""
    for target in (
        "/i?nuid=a%0d%0aX-Evil:%201",
        "/i?nuid=a%0D%0A%0D%0AHTTP/1.1%20200",
        "/i?nuid=%00",
    ):
        answer = exchange(server.port, request("GET", target, [("Origin", "https://a.example")]))
        assert answer.status == 200
        assert answer.raw.count(b"HTTP/1.1") == 1
        assert b"x-evil" not in answer.raw.lower()


def test_many_clients_at_once(server: Whiteout) -> None:
    """A crowd of connections, each with good and bad requests, gets every answer it should."""
    wrong: list[int | None] = []

    def client() -> None:
        with connect(server, timeout=30) as stream:
            rest = b""
            for _ in range(20):
                stream.sendall(KEPT)
                answer, rest = response(stream, rest)
                if answer.status != 200:
                    wrong.append(answer.status)

    threads = [threading.Thread(target=client) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
