"""Requests by hand against the test site: both helpers at once."""

from __future__ import annotations

import httpx

from tests.support.site import HTML, Site
from whiteout.proof.wire import abandon, exchange, request


def test_a_request_has_exactly_these_bytes() -> None:
    """Nothing is added to, changed in or left out of what a test asks to be sent."""
    raw = request("POST", "/a?b=c", [("sp-anonymous", ""), ("X-Ä", "1")], b"body")
    assert raw == (
        b"POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        b"sp-anonymous: \r\nX-\xc4: 1\r\nContent-Length: 4\r\n\r\nbody"
    )


def test_an_answer_is_read_until_the_end() -> None:
    """Status, headers and body of a real response, from any loopback address."""
    with Site({"/": (HTML, b"<p>hello")}) as site:
        answer = exchange(site.port, request("GET", "/"), source="127.1.2.3")
        assert (answer.status, answer.header("content-type")) == (200, HTML)
        assert answer.body == b"<p>hello"
        assert answer.header("x-none") is None


def test_what_is_no_response_has_no_status() -> None:
    """A connection that is closed without an answer is told apart from one with an error."""
    with Site({}) as site:
        abandon(site.port, b"GET / HTTP/1.1\r\nHo")
        assert exchange(site.port, request("GET", "/nowhere")).status == 404


def test_a_site_serves_pages_and_folders() -> None:
    """A page is found by its path, and by every path below one that ends with a slash."""
    with Site({"/a": (HTML, b"a"), "/shop/": (HTML, b"shop")}) as site:
        assert httpx.get(site.url("/a", "127.0.0.1")).text == "a"
        for path in ("/shop/", "/shop/x?y=z", "/shop/x/y"):
            assert httpx.get(site.url(path, "127.0.0.1")).text == "shop"
        assert httpx.get(site.url("/b", "127.0.0.1")).status_code == 404
        assert site.url("/a", "shop.example.test") == f"http://shop.example.test:{site.port}/a"
