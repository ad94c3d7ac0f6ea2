"""Signing in with the access token (contract 15)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.live.asgi import HOST, ask
from tests.live.gates import BROWSER, CLOSED, FOREIGN, TOKEN, inside, signed_in
from whiteout.live.gate import Gate


async def test_a_browser_is_sent_to_the_sign_in_page() -> None:
    """A person gets a form, and comes back to where they wanted to go."""
    answer = await ask(CLOSED, "/?q=a b&mode=failed", BROWSER)
    assert answer.status == 303
    assert answer.headers["location"] == "/signin?next=/%3Fq%3Da%20b%26mode%3Dfailed"
    page = await ask(CLOSED, "/signin?next=/%3Fmode%3Dfailed", BROWSER)
    assert page.status == 200
    assert 'name="next" value="/?mode=failed"' in page.text
    assert 'type="password"' in page.text


async def test_signing_in_gives_a_session() -> None:
    """The cookie is for scripts and foreign sites out of reach, and is not the token."""
    answer = await ask(CLOSED, "/signin", body=f"token={TOKEN}&next=/try".encode())
    assert (answer.status, answer.headers["location"]) == (303, "/try")
    cookie = answer.headers["set-cookie"]
    attributes = cookie.split("; ")[1:]
    assert attributes == ["Path=/", "HttpOnly", "SameSite=Strict"]
    assert TOKEN not in cookie
    opened = await ask(CLOSED, headers={"Host": HOST, "Cookie": f"a=b; {cookie.split(';')[0]}"})
    assert (opened.status, opened.text) == (200, "inside")


@pytest.mark.parametrize(
    ("scheme", "headers"),
    [
        ("https", {}),
        ("http", {"X-Forwarded-Proto": "https"}),
        ("http", {"Origin": f"https://{HOST}"}),
    ],
)
async def test_the_session_is_secure_over_https(scheme: str, headers: dict[str, str]) -> None:
    """Where the browser talks https, the cookie is never sent without it."""
    answer = await ask(
        CLOSED,
        "/signin",
        {"Host": HOST, **headers},
        body=f"token={TOKEN}".encode(),
        scheme=scheme,
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-whiteout_session=")
    assert cookie.endswith("; Secure")
    opened = await ask(CLOSED, headers={"Host": HOST, "Cookie": cookie.split(";")[0]})
    assert opened.status == 200


@pytest.mark.parametrize(
    "body",
    [b"token=wrong", b"token=", b"next=/", b"\xff\xfe", b"token=" + TOKEN.upper().encode()],
)
async def test_a_wrong_token_gives_no_session(body: bytes) -> None:
    """A failed try shows the form again."""
    answer = await ask(CLOSED, "/signin", body=body)
    assert answer.status == 403
    assert "set-cookie" not in answer.headers
    assert "That is not the token" in answer.text


@pytest.mark.parametrize(
    "body",
    [b"token=" + b"x" * 5_000, b"&".join(b"a%d=b" % number for number in range(500))],
)
async def test_an_odd_form_is_refused(body: bytes) -> None:
    """A form is small, and has few fields."""
    answer = await ask(CLOSED, "/signin", body=body)
    assert answer.status in {400, 403}
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "evil",
        "/ok\r\nSet-Cookie: a=b",
        "/ok\\..",
        "",
    ],
)
async def test_signing_in_leads_to_no_other_site(target: str) -> None:
    """The place to go back to is a path of this site, or the live page."""
    form = f"token={TOKEN}&next={quote(target, safe='')}".encode()
    answer = await ask(CLOSED, "/signin", body=form)
    assert answer.headers["location"] == "/"


async def test_the_sign_in_page_escapes() -> None:
    """What comes back in the form is text."""
    answer = await ask(CLOSED, '/signin?next=/"><script>alert(1)</script>')
    assert "<script>" not in answer.text


async def test_a_tampered_session_does_not_open() -> None:
    """Every part of the session is signed, and with a key made from this token."""
    cookie = await signed_in()
    name, _, value = cookie.partition("=")
    expires, nonce, signature = value.split(".")
    other = await ask(Gate(inside, "another token"), "/signin", body=b"token=another%20token")
    foreign = other.headers["set-cookie"].partition(";")[0].partition("=")[2]
    for wrong in (
        f"{int(expires) + 1}.{nonce}.{signature}",
        f"{expires}.{'0' * 16}.{signature}",
        f"{expires}.{nonce}.{'0' * 64}",
        f"{expires}.{nonce}",
        f"{expires}.{nonce}.{signature}.",
        f"{expires}.{nonce}.\xff",
        "",
        TOKEN,
        foreign,
    ):
        headers = {"Host": HOST, "Cookie": f"{name}={wrong}"}
        assert (await ask(CLOSED, headers=headers)).status == 401


async def test_a_session_of_one_worker_opens_another() -> None:
    """Sessions need no memory: every process made with the token knows them."""
    cookie = await signed_in()
    opened = await ask(Gate(inside, TOKEN), headers={"Host": HOST, "Cookie": cookie})
    assert opened.status == 200


async def test_signing_out_removes_both_cookies() -> None:
    """Signing out is a POST and removes the session however it was set."""
    answer = await ask(CLOSED, "/signout", method="POST")
    cookies = [value for name, value in answer.lines if name == "set-cookie"]
    assert [cookie.split("=")[0] for cookie in cookies] == [
        "whiteout_session",
        "__Host-whiteout_session",
    ]
    assert all("Max-Age=0" in cookie for cookie in cookies)
    assert (await ask(CLOSED, "/signout")).status == 405
    assert (await ask(CLOSED, "/signin", method="PUT")).status == 405


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/signin", "/signout"])
async def test_a_foreign_page_cannot_sign_in_or_out(headers: dict[str, str], path: str) -> None:
    """A form on another site is refused, even with the right token."""
    answer = await ask(CLOSED, path, {"Host": HOST, **headers}, body=f"token={TOKEN}".encode())
    assert answer.status == 403
    assert "set-cookie" not in answer.headers
