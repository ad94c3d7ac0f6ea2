"""The gate of the pages (contract 15)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from starlette.types import Message

from tests.live.asgi import HOST, ask, scope_of
from tests.live.gates import BROWSER, CLOSED, FOREIGN, OPEN, TOKEN, inside, signed_in
from whiteout.live.gate import Gate


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:9090",
        "LocalHost:1",
        "127.0.0.1",
        "127.0.0.1:65535",
        "[::1]",
        "[::1]:9090",
    ],
)
async def test_this_machine_passes_without_a_token(peer: str, host: str) -> None:
    """A loopback peer that uses a name of this machine is answered (contract 15)."""
    answer = await ask(OPEN, headers={"Host": host}, client=peer)
    assert (answer.status, answer.text) == (200, "inside")


@pytest.mark.parametrize(
    "peer", ["192.168.1.7", "203.0.113.9", "2001:db8::1", "::ffff:192.168.1.7", "", "unix", None]
)
async def test_another_peer_is_refused_without_a_token(peer: str | None) -> None:
    """A peer that is not known to be this machine gets 403 (contract 15)."""
    answer = await ask(OPEN, client=peer)
    assert answer.status == 403
    assert "another machine" in answer.text


@pytest.mark.parametrize(
    "hosts",
    [
        ["whiteout.example"],
        ["localhost.example"],
        ["localhost."],
        ["notlocalhost"],
        ["127.0.0.1.example"],
        ["127.0.0.2"],
        ["2130706433"],
        ["0.0.0.0"],
        ["::1"],
        ["[::1"],
        ["[::2]"],
        ["localhost:"],
        ["localhost:port"],
        ["localhost:123456"],
        ["user@localhost"],
        ["localhost/evil"],
        ["localhost evil"],
        [""],
        [],
        ["localhost", "localhost"],
        ["localhost", "rebound.example"],
    ],
)
async def test_another_host_name_is_refused_without_a_token(hosts: list[str]) -> None:
    """A rebound or doubtful host name gets 403 even from this machine (contract 15)."""
    answer = await ask(OPEN, headers=[("Host", host) for host in hosts])
    assert answer.status == 403
    assert "another host name" in answer.text


@pytest.mark.parametrize(
    "name",
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Whatever",
        "X-Forwarded",
        "X-Real-IP",
        "Via",
    ],
)
@pytest.mark.parametrize("value", ["127.0.0.1", ""])
async def test_a_proxy_is_refused_without_a_token(name: str, value: str) -> None:
    """A header that only a proxy adds gets 403, whatever it says (contract 15)."""
    answer = await ask(OPEN, headers={"Host": HOST, name: value})
    assert answer.status == 403
    assert name.lower() in answer.text


@pytest.mark.parametrize("target", ["/", "/try", "/api/events", "/assets/live.js", "/signin"])
async def test_refusal_says_how_to_set_a_token(target: str) -> None:
    """The 403 names the option and the variable, on every path (contract 15)."""
    answer = await ask(OPEN, target, client="192.168.1.7")
    assert answer.status == 403
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "--token" in answer.text
    assert "WHITEOUT_TOKEN" in answer.text


async def test_refusal_repeats_nothing_of_the_request() -> None:
    """The 403 does not reflect what a stranger sent."""
    headers = {"Host": "canary-1.example", "Via": "canary-2", "User-Agent": "canary-3"}
    answer = await ask(OPEN, "/canary-4?canary-5", headers)
    assert "canary" not in answer.text


async def test_every_condition_is_needed() -> None:
    """No condition makes up for another one (contract 15)."""
    rebound = await ask(OPEN, headers={"Host": "rebound.example"})
    far = await ask(OPEN, client="192.168.1.7")
    proxied = await ask(OPEN, headers={"Host": HOST, "Via": "1.1 proxy"})
    assert [rebound.status, far.status, proxied.status] == [403, 403, 403]


@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.9", None])
async def test_a_token_is_needed_once_it_is_set(peer: str | None) -> None:
    """With a token even this machine needs it (contract 15)."""
    answer = await ask(CLOSED, "/api/events", client=peer)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_token_opens_from_anywhere(scheme: str) -> None:
    """With the token other machines, other names and proxies pass (contract 15)."""
    headers = {
        "Host": "whiteout.example",
        "X-Forwarded-For": "203.0.113.9",
        "Authorization": f"{scheme} {TOKEN}",
    }
    answer = await ask(CLOSED, headers=headers, client="10.0.0.1")
    assert (answer.status, answer.text) == (200, "inside")


@pytest.mark.parametrize(
    "authorization",
    [
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN.upper()}",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        "Bearer \xff\xfe",
    ],
)
async def test_another_token_does_not_open(authorization: str) -> None:
    """Only the token itself is the token."""
    answer = await ask(CLOSED, "/api/events", {"Host": HOST, "Authorization": authorization})
    assert answer.status == 401


async def test_a_token_may_hold_any_characters() -> None:
    """The header carries the token as UTF-8 bytes."""
    token = "geheimnis-ü-☃"
    headers = {"Host": HOST, "Authorization": f"Bearer {token}".encode().decode("latin-1")}
    gate = Gate(inside, token)
    assert (await ask(gate, headers=headers)).status == 200
    form = f"token={quote(token)}".encode()
    assert (await ask(gate, "/signin", body=form)).status == 303


def test_an_empty_token_is_an_error() -> None:
    """An empty token would let everybody in."""
    with pytest.raises(ValueError, match="empty"):
        Gate(inside, "")


@pytest.mark.parametrize("headers", [*FOREIGN, {"Origin": "null"}])
@pytest.mark.parametrize("token", [None, TOKEN])
async def test_a_foreign_page_cannot_use_a_visitor(
    headers: dict[str, str], token: str | None
) -> None:
    """What a foreign page sends with the browser of somebody who may pass is refused."""
    gate = Gate(inside, token)
    session = {} if token is None else {"Cookie": await signed_in(gate)}
    sent = {"Host": HOST, **session, **headers}
    assert (await ask(gate, "/micro/reset", sent, method="POST")).status == 403


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_foreign_page_reads_nothing(headers: dict[str, str]) -> None:
    """A page of another site on this machine fetches nothing either, not even blindly."""
    assert (await ask(OPEN, "/micro/reset", {"Host": HOST, **headers})).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Origin": f"http://{HOST}"},
        {"Origin": f"https://{HOST}"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_own_pages_and_programs_pass(headers: dict[str, str], method: str) -> None:
    """Our own pages, the address bar and programs without a browser are not foreign."""
    answer = await ask(OPEN, headers={"Host": HOST, **headers}, method=method)
    assert answer.status == 200


async def test_a_link_from_another_site_opens_the_page() -> None:
    """Following a link is no attack."""
    headers = {**BROWSER, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
    assert (await ask(OPEN, headers=headers)).status == 200
    framed = {**headers, "Sec-Fetch-Dest": "iframe"}
    assert (await ask(OPEN, headers=framed)).status == 403


async def test_a_bearer_token_is_proof_enough() -> None:
    """A browser does not add this header by itself, so nobody can make it do so."""
    headers = {"Host": HOST, "Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"}
    assert (await ask(CLOSED, headers=headers, method="POST")).status == 200


async def test_assets_are_open_once_there_is_a_token() -> None:
    """The sign-in page needs its style sheet; without a token they stay with this machine."""
    assert (await ask(CLOSED, "/assets/live.css", client="203.0.113.9")).status == 200
    assert (await ask(CLOSED, "/assets/live.css", method="POST")).status == 401
    assert (await ask(OPEN, "/assets/live.css", client="203.0.113.9")).status == 403


@pytest.mark.parametrize("path", ["//assets/x", "/ASSETS/x", "/api/../assets/x", "/signin/", "/x"])
async def test_near_misses_are_not_open(path: str) -> None:
    """Only the exact paths are open without the token."""
    scope = scope_of("/", {"Host": HOST})
    scope["path"] = path
    statuses: list[int] = []

    async def send(message: Message) -> None:
        statuses.append(message.get("status", 0))

    await CLOSED(scope, never, send)
    assert statuses[0] == 401


async def never() -> Message:
    """Receive nothing."""
    raise AssertionError


@pytest.mark.parametrize(
    ("gate", "headers", "code"),
    [
        (OPEN, {"Origin": f"http://{HOST}"}, 1000),
        (OPEN, {}, 1008),
        (OPEN, {"Origin": "https://evil.example"}, 1008),
        (OPEN, {"Origin": f"http://{HOST}", "Via": "1.1 proxy"}, 1008),
        (CLOSED, {"Origin": f"http://{HOST}"}, 1008),
        (CLOSED, {"Origin": f"http://{HOST}", "Authorization": f"Bearer {TOKEN}"}, 1000),
    ],
)
async def test_websockets_pass_the_same_gate(
    gate: Gate, headers: dict[str, str], code: int
) -> None:
    """A WebSocket, which knows no CORS, passes only from our own pages."""
    answer = await ask(gate, "/x", {"Host": HOST, **headers}, kind="websocket")
    assert answer.status == code


async def test_answers_of_the_gate_are_hardened() -> None:
    """The gate's own answers carry the security headers and are not cached."""
    for answer in (
        await ask(OPEN, client="203.0.113.9"),
        await ask(CLOSED, "/api/events"),
        await ask(CLOSED, "/", BROWSER),
        await ask(CLOSED, "/signin"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
