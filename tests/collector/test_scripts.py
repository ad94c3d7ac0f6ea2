"""The scripts that the collector serves, the lines that load them, and the wish to be forgotten."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from hashlib import sha384

import pytest

from tests.collector.edge import Edge
from tests.support.asgi import Reply
from whiteout import assets
from whiteout.commands.snippet import Snippet


async def get(edge: Edge, path: str, *headers: tuple[str, str]) -> Reply:
    """The answer to a GET of a path."""
    return await edge.request("GET", path, *headers)


ORIGIN = ("Origin", "https://shop.example")


async def test_the_tag_is_served(edge: Edge) -> None:
    """R98: the script is JavaScript that any page may load, and kept for a day."""
    answer = await get(edge, "/whiteout.js")
    assert (answer.status, answer.body) == (200, assets.read("whiteout.js"))
    assert answer.one("content-type") == "text/javascript; charset=utf-8"
    assert answer.one("access-control-allow-origin") == "*"
    assert answer.one("x-content-type-options") == "nosniff"
    assert answer.one("set-cookie") is None
    assert "max-age=86400" in (answer.one("cache-control") or "")


async def test_the_tag_is_compressed_for_who_accepts_it(edge: Edge) -> None:
    """What is sent compressed is the same script."""
    answer = await get(edge, "/whiteout.js", ("Accept-Encoding", "gzip, br"))
    assert answer.one("content-encoding") == "gzip"
    assert gzip.decompress(answer.body) == assets.read("whiteout.js")
    assert answer.one("vary") == "Accept-Encoding"


async def test_the_tag_is_not_sent_again(edge: Edge) -> None:
    """Who has the script gets 304, with the same headers for caches."""
    etag = (await get(edge, "/whiteout.js")).one("etag") or ""
    answer = await get(edge, "/whiteout.js", ("If-None-Match", f'"x", {etag}'))
    assert (answer.status, answer.body, answer.one("etag")) == (304, b"", etag)
    assert (await get(edge, "/whiteout.js", ("If-None-Match", '"x"'))).status == 200


async def test_a_pinned_tag_is_kept_for_ever(edge: Edge) -> None:
    """The name with a digest stands for this version alone; another one does not exist."""
    answer = await get(edge, f"/whiteout.{assets.digest('whiteout.js')}.js")
    assert answer.status == 200
    assert "immutable" in (answer.one("cache-control") or "")
    assert (await get(edge, "/whiteout.0123456789abcdef.js")).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/live.js",
        "/plugins/none.js",
        "/plugins/../live.js",
        "/plugins/",
        "/x.js",
        "/anonymous/whiteout.js",
    ],
)
async def test_other_scripts_are_not_served(edge: Edge, path: str) -> None:
    """Only the tag and its plug-ins are files of the collector."""
    assert (await get(edge, path)).status == 404


async def test_plugins_are_served(edge: Edge) -> None:
    """R98: every built plug-in has its path."""
    for name in assets.names():
        if name.startswith("plugins/"):
            answer = await get(edge, f"/{name}")
            assert (answer.status, answer.body) == (200, assets.read(name))


async def test_a_head_has_no_body(edge: Edge) -> None:
    """HEAD answers as GET does, without the script."""
    answer = await edge.request("HEAD", "/whiteout.js")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.one("content-length") == str(len(assets.read("whiteout.js")))


async def test_w17_the_cookie_is_expired(edge: Edge) -> None:
    """W17: a POST to /privacy/clear removes the collector's cookie and says so to the page."""
    answer = await edge.request("POST", "/privacy/clear", ORIGIN, ("Cookie", "sp=abc; x=1"))
    assert (answer.status, json.loads(answer.body)) == (200, {"cookies": ["sp"]})
    cookie = answer.one("set-cookie") or ""
    assert cookie.startswith("sp=; Max-Age=0; ")
    assert {"Path=/", "SameSite=None", "Secure", "HttpOnly"} <= set(cookie.split("; "))
    assert answer.one("access-control-allow-origin") == ORIGIN[1]
    assert answer.one("access-control-allow-credentials") == "true"
    assert answer.one("cache-control") == "no-store"


async def test_w17_the_receipt_is_true(edge: Edge) -> None:
    """W17: a browser without the cookie is told that there was none."""
    answer = await edge.request("POST", "/privacy/clear", ORIGIN)
    assert json.loads(answer.body) == {"cookies": []}


async def test_a_36_no_cookie_is_looked_at_where_anonymity_is_asked_for(edge: Edge) -> None:
    """A-36: with SP-Anonymous no cookie is read or set, not even to remove it."""
    headers = (ORIGIN, ("Cookie", "sp=abc"), ("SP-Anonymous", "*"))
    answer = await edge.request("POST", "/privacy/clear", *headers)
    assert json.loads(answer.body) == {"cookies": []}
    assert answer.one("set-cookie") is None


async def test_clearing_is_a_post(edge: Edge) -> None:
    """A link or a picture removes nothing."""
    assert (await get(edge, "/privacy/clear")).status == 404


def test_the_snippet_holds_the_hash_of_the_script() -> None:
    """What the browser is told to compare is the SHA-384 of the served bytes."""
    html = Snippet("https://c.example/", pinned=True).html()
    expected = b64encode(sha384(assets.read("whiteout.js")).digest()).decode()
    assert f'"sha384-{expected}"' in html
    assert f"https://c.example/whiteout.{assets.digest('whiteout.js')}.js" in html


def test_the_snippet_cannot_be_broken_out_of() -> None:
    """Whatever the names are, there is one script element and nothing of theirs is markup."""
    evil = "</script><img src=x onerror=alert(1)>\"'&"
    html = Snippet("https://c.example", evil, evil, evil, evil, pinned=True).html()
    assert len(re.findall(r"<[a-zA-Z/]", html)) == 2
    assert html.count("</script>") == 1
