"""The cookie with the network user id (A-29 to A-39)."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import uuid
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import pytest

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, TP2, Edge
from whiteout.collector import CollectorSettings, CookieSettings

CHOSEN = "00000000-1111-4222-8333-00000000000a"
KNOWN = "0a1b2c3d-1111-4222-8333-444455556666"


def settings(**cookie: object) -> CollectorSettings:
    """Settings that differ from the default in the cookie."""
    return CollectorSettings(cookie=CookieSettings(**cookie))  # type: ignore[arg-type]


async def test_a_29_a_30_defaults(edge: Edge) -> None:
    """A-29, A-30: name `sp`, a year, host-only, Secure, HttpOnly, SameSite=None, in this order."""
    before = int(time.time())
    cookie = (await edge.post()).one("set-cookie")
    assert cookie is not None
    names = [part.strip().partition("=")[0] for part in cookie.split(";")]
    assert names == ["sp", "Expires", "Path", "SameSite", "Secure", "HttpOnly"]
    value = cookie.partition(";")[0].partition("=")[2]
    assert str(uuid.UUID(value, version=4)) == value
    assert edge.identified()[0].network_userid == value
    expires = parsedate_to_datetime(re.findall(r"Expires=([^;]+)", cookie)[0])
    assert before <= expires.timestamp() - 365 * 24 * 3600 <= time.time() + 1


async def test_a_30_refreshed_with_every_request(edge: Edge) -> None:
    """A-30: every tracking answer carries the cookie anew, with the id that it had."""
    for method, target in [("POST", TP2), ("GET", "/i?e=pv"), ("HEAD", "/i?e=pv")]:
        reply = await edge.request(method, target, ("Cookie", f"sp={KNOWN}"), body=b"")
        assert str(reply.one("set-cookie")).startswith(f"sp={KNOWN}; Expires=")


async def test_a_30_attributes_follow_the_settings(start: Start) -> None:
    """A-30: name, lifetime, domain and flags are the operator's."""
    edge = start(
        settings(
            name="nuid",
            expiration=60,
            fallback_domain="acme.com",
            secure=False,
            http_only=False,
            same_site="Lax",
        )
    )
    cookie = (await edge.post(("Cookie", f"nuid={KNOWN}"))).one("set-cookie")
    pattern = rf"nuid={KNOWN}; Expires=([^;]+); Domain=acme\.com; Path=/; SameSite=Lax"
    match = re.fullmatch(pattern, str(cookie))
    assert match is not None
    assert parsedate_to_datetime(match[1]).timestamp() - time.time() < 61


@pytest.mark.parametrize("same_site", ["none", "None", "NONE"])
async def test_a_32_same_site_none_is_secure(start: Start, same_site: str) -> None:
    """A-32: SameSite=None forces Secure, in whatever case it is configured."""
    edge = start(settings(same_site=same_site, secure=False))
    assert "; SameSite=None; Secure" in str((await edge.post()).one("set-cookie"))


@pytest.mark.parametrize(
    ("origin", "domain"),
    [
        ("https://acme.com", "acme.com"),
        ("https://acme.com:8443", "acme.com"),
        ("https://www.acme.com", "acme.com"),
        ("https://a.b.shop.acme.com", "shop.acme.com"),
        ("https://SHOP.ACME.COM", "shop.acme.com"),
        ("https://evil-acme.com", "fallback.com"),
        ("https://acme.com.evil.com", "fallback.com"),
        ("https://acme.co", "fallback.com"),
        ("https://other.org", "fallback.com"),
        ("https://other.org https://www.acme.com", "acme.com"),
        ("https://acme.com https://x.shop.acme.com", "shop.acme.com"),
        ("null", "fallback.com"),
        ("", "fallback.com"),
        ("https://[bad", "fallback.com"),
        ("https://acme.com@evil.com", "fallback.com"),
        (None, "fallback.com"),
    ],
)
@pytest.mark.parametrize("fallback", ["fallback.com", None])
async def test_a_33_domain(
    start: Start, origin: str | None, domain: str, fallback: str | None
) -> None:
    """A-33: the first configured domain that some origin belongs to; else the fallback, else none.

    A look-alike that merely ends with the same letters does not belong to a domain.
    """
    edge = start(settings(domains=("shop.acme.com", "acme.com"), fallback_domain=fallback))
    reply = await edge.post(*(() if origin is None else (("Origin", origin),)))
    wanted = [domain] if domain != "fallback.com" or fallback else []
    assert re.findall(r"; Domain=([^;]+)", str(reply.one("set-cookie"))) == wanted


@pytest.mark.parametrize("headers", [(), (("Cookie", f"sp={KNOWN}"),)])
async def test_a_36_anonymous_sets_and_deletes_nothing(
    edge: Edge, headers: tuple[tuple[str, str], ...]
) -> None:
    """A-36: no `Set-Cookie` under anonymity, whether the browser had a cookie or not (F-P8)."""
    known = await edge.post(ANONYMOUS, *headers)
    assert known.all("set-cookie") == []
    assert known == await edge.post(ANONYMOUS)
    assert KNOWN.encode() not in b"".join(edge.raw())


@pytest.mark.parametrize(
    "cookies",
    [
        ("sp={}",),
        ("a=b; sp={}; c=d",),
        ("SP=upper; sp={}",),
        ("xsp=1; spx=2; sp={}",),
        ("sp={}; sp=second",),
        ("a=b", "sp={}"),
        ("sp={}", "sp=second"),
        ("a; ; =; sp={}",),
        ('a="x, y"; sp={}',),
        ("\xfc\xff=\xfe; sp={}",),
        ("a=b;sp={}",),
        ("  sp  =  {}  ",),
    ],
)
async def test_a_37_lenient_per_pair(edge: Edge, cookies: tuple[str, ...]) -> None:
    """A-37: broken pairs spoil no others; the first pair with exactly this name counts."""
    await edge.post(*(("Cookie", text.format(KNOWN)) for text in cookies))
    assert edge.identified()[0].network_userid == KNOWN


HOSTILE = [
    "",
    "a;b",
    "a b",
    "a,b",
    'a"b',
    "a\\b",
    "x\r\nSet-Cookie: evil=1",
    "x\nevil",
    "x; Domain=evil.com",
    "\0",
    "\x7f",
    "ü",
    "\N{PILE OF POO}",
    "a" * 129,
]


@pytest.mark.parametrize("value", HOSTILE)
async def test_a_31_hostile_ids_in_the_query_are_refused(edge: Edge, value: str) -> None:
    """A-31: an id that could end the cookie or the header is not put there; a fresh one is."""
    encoded = "".join(f"%{byte:02X}" for byte in value.encode())
    reply = await edge.get(target=f"/i?e=pv&nuid={encoded}")
    minted = str(edge.identified()[0].network_userid)
    assert str(uuid.UUID(minted, version=4)) == minted
    assert re.fullmatch(
        rf"sp={minted}; Expires=[\w,: ]+ GMT; Path=/; SameSite=None; Secure; HttpOnly",
        str(reply.one("set-cookie")),
    )


@pytest.mark.parametrize("value", ["a b", 'a"b', "a,b", "ü", "x" * 129, "\x80", ""])
async def test_a_31_hostile_cookies_are_refused(edge: Edge, value: str) -> None:
    """A-31: a cookie value that could not be sent back safely is replaced by a fresh id."""
    reply = await edge.post(("Cookie", f"sp={value.encode().decode('latin-1')}"))
    minted = str(edge.identified()[0].network_userid)
    assert str(uuid.UUID(minted, version=4)) == minted
    assert str(reply.one("set-cookie")).startswith(f"sp={minted}; ")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_a_38_precedence(edge: Edge, method: str) -> None:
    """A-38: the query's first `nuid`, decoded, before the cookie, before a fresh id."""
    cookie = ("Cookie", f"sp={KNOWN}")
    for target, headers, wanted in [
        (f"{TP2}?nuid=00000000%2D1111-4222-8333-00000000000a&nuid=second", [cookie], CHOSEN),
        (f"{TP2}?e=pv", [cookie], KNOWN),
        (f"{TP2}?nuid=", [cookie], KNOWN),
        (f"{TP2}?nuid", [cookie], KNOWN),
        (f"{TP2}?nuid={CHOSEN}", [], CHOSEN),
    ]:
        reply = await edge.request(method, target, *headers, body=b"")
        assert str(reply.one("set-cookie")).startswith(f"sp={wanted}; ")
        assert f'"network_userid":"{wanted}"'.encode() in edge.raw()[-1]


async def test_a_38_body_is_not_looked_at(edge: Edge) -> None:
    """A-38: a `nuid` in a body does not become the cookie."""
    reply = await edge.post(body=b'{"nuid":"chosen"}')
    assert "chosen" not in str(reply.one("set-cookie"))


async def test_a_38_fresh_ids_differ(edge: Edge) -> None:
    """A-38: every browser without an id gets one of its own."""
    assert len({(await edge.post()).one("set-cookie") for _ in range(20)}) == 20


async def test_a_39_without_cookies_there_is_no_id(start: Start) -> None:
    """A-39: with cookies off none is set or read, and no throw-away id is stored."""
    edge = start(settings(enabled=False))
    reply = await edge.post(("Cookie", f"sp={KNOWN}"))
    assert reply.one("set-cookie") is None
    assert edge.identified()[0].network_userid is None


async def test_a_39_a_chosen_id_is_kept_without_cookies(start: Start) -> None:
    """A-38, A-39: with cookies off the query's `nuid` is stored, and still no cookie is set."""
    edge = start(settings(enabled=False))
    reply = await edge.get(target=f"/i?e=pv&nuid={CHOSEN}")
    assert reply.one("set-cookie") is None
    assert edge.identified()[0].network_userid == CHOSEN


@pytest.mark.parametrize("value", ["abc", "1-2-3-4", "x" * 36, "1-2-3-4-g", "zz\r\nA: b"])
async def test_b_8_an_id_that_is_no_uuid_is_never_set(start: Start, value: str) -> None:
    """A-31, B-8: a picture on a stranger's page cannot give a browser an id that fails for ever."""
    edge = start()
    for reply in (
        await edge.get(target=f"/i?e=pv&nuid={quote(value)}"),
        await edge.get(("cookie", f"sp={value.splitlines()[0]}")),
    ):
        name = str(reply.one("set-cookie")).partition(";")[0].partition("=")[2]
        assert str(uuid.UUID(name)) == name


def test_a_38_a_forked_child_gives_out_ids_of_its_own() -> None:
    """A-38: ids are drawn many at a time, and nobody gets one of those drawn before the fork."""
    script = (
        "import os\n"
        "from whiteout.collector.cookies import new_id\n"
        "new_id()\n"
        "child = os.fork()\n"
        "os.write(1, ''.join(f'{new_id()} ' for _ in range(100)).encode())\n"
        "if child: os.waitpid(child, 0)\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    ).stdout.split()
    assert len(shown) == len(set(shown)) == 200
    assert all(str(uuid.UUID(value, version=4)) == value for value in shown)
