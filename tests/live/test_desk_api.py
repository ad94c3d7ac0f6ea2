"""What the privacy desk takes and refuses, over HTTP; the work itself is made up here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.asgi import HOST, Answer, MemoryFeed, ask
from tests.live.gates import FOREIGN, TOKEN, signed_in
from whiteout.live import (
    KINDS,
    SELECTORS,
    BadOrder,
    DeskBusy,
    DeskUnavailable,
    Live,
    LiveSettings,
    Order,
    read_order,
)
from whiteout.protocol.folders import first_day
from whiteout.rights import KINDS as PEOPLE

NUMBER = "20261124T164113777234-df753900"
OWN = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
FORGET = {"kind": "forget", "selector": "user_id", "value": "ada", "confirm": "ada"}


class MadeUp:
    """A desk that notes what it is told."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.stopped: list[str] = []
        self.error: Exception | None = None

    def state(self) -> dict[str, Any]:
        """Nothing, or the trouble."""
        if self.error is not None:
            raise self.error
        return {"jobs": []}

    def profiles(self) -> list[dict[str, Any]]:
        """One."""
        return [{"profile": "cnil"}]

    def receipt(self, name: str) -> bytes | None:
        """One, as JSON and as a page."""
        return b"{}" if name.startswith(NUMBER) else None

    def start(self, order: Order) -> dict[str, Any]:
        """Note an order."""
        if self.error is not None:
            raise self.error
        self.orders.append(order)
        return {"kind": order.kind}

    def stop(self, kind: str) -> bool:
        """Note that something is to stop; an audit never runs."""
        self.stopped.append(kind)
        return kind == "prove"


def live(desk: MadeUp, token: str | None = TOKEN) -> Live:
    """The pages with a desk."""
    return Live(LiveSettings(Path("unused"), token, "1", desk=desk), MemoryFeed)


async def told(desk: MadeUp, order: object, headers: dict[str, str] = OWN) -> Answer:
    """Give an order as somebody who signed in."""
    given = {"Host": HOST, "Cookie": await signed_in(), **headers}
    return await ask(live(desk), "/api/desk/orders", given, body=json.dumps(order).encode())


async def test_an_order_is_taken_from_a_page_of_this_origin() -> None:
    """Each kind reaches the desk with what it needs, and the answer repeats no identifier."""
    desk = MadeUp()
    for order in (
        {"kind": "prove", "running": True},
        {"kind": "audit"},
        {**FORGET, "value": " ada ", "confirm": " ada "},
        {"kind": "retain", "days": 30, "confirm": first_day(30)},
    ):
        answer = await told(desk, order)
        assert answer.status == 202
        assert "ada" not in answer.text
    assert desk.orders == [
        Order("prove", running=True),
        Order("audit"),
        Order("forget", selector="user_id", value="ada"),
        Order("retain", days=30),
    ]
    assert "ada" not in repr(desk.orders)


@pytest.mark.parametrize("headers", [*FOREIGN, {}, {"Origin": "null"}])
async def test_no_other_site_gives_orders(headers: dict[str, str]) -> None:
    """With somebody's session alone nothing is begun: the browser has to prove where it is from."""
    desk = MadeUp()
    answer = await told(desk, FORGET, {"Content-Type": "application/json", **headers})
    assert answer.status == 403
    assert desk.orders == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_form_is_no_order(kind: str) -> None:
    """What a form on any site can send is not read."""
    desk = MadeUp()
    answer = await told(desk, FORGET, {**OWN, "Content-Type": kind})
    assert (answer.status, desk.orders) == (415, [])


async def test_a_program_gives_orders_with_the_token() -> None:
    """The token as a bearer needs no browser to vouch for it; a wrong one opens nothing."""
    desk = MadeUp()
    json_only = {"Host": HOST, "Content-Type": "application/json"}
    body = json.dumps(FORGET).encode()
    right = {**json_only, "Authorization": f"Bearer {TOKEN}"}
    assert (await ask(live(desk), "/api/desk/orders", right, body=body)).status == 202
    wrong = {**json_only, "Authorization": "Bearer wrong"}
    assert (await ask(live(desk), "/api/desk/orders", wrong, body=body)).status == 401
    assert len(desk.orders) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/desk"),
        ("GET", "/api/desk/profiles"),
        ("GET", f"/api/desk/receipts/{NUMBER}.json"),
        ("POST", "/api/desk/orders"),
        ("POST", "/api/desk/stop"),
    ],
)
async def test_without_a_token_the_desk_is_closed(method: str, path: str) -> None:
    """On this machine too: what it does cannot be undone."""
    desk = MadeUp()
    body = b'"prove"' if method == "POST" else b""
    answer = await ask(live(desk, None), path, {"Host": HOST, **OWN}, method=method, body=body)
    assert answer.status == 403
    assert "--token" in answer.text
    assert (desk.orders, desk.stopped) == ([], [])
    page = await ask(live(desk, None), "/desk")
    assert 'data-open=""' in page.text


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (None, "JSON object"),
        ({}, "kind must be"),
        ({"kind": "drop"}, "kind must be"),
        ({"kind": ["prove"]}, "kind must be"),
        ({"kind": "prove", "running": "yes"}, "running must be"),
        ({"kind": "audit", "full": 1}, "full must be"),
        ({**FORGET, "selector": "email"}, "selector must be"),
        ({**FORGET, "selector": ["user_id"]}, "selector must be"),
        ({**FORGET, "value": "  ", "confirm": "  "}, "value must be"),
        ({**FORGET, "value": 7, "confirm": 7}, "value must be"),
        ({**FORGET, "value": "x" * 1_001, "confirm": "x" * 1_001}, "value must be"),
        ({**FORGET, "confirm": "ad"}, "confirm must repeat"),
        ({**FORGET, "confirm": None}, "confirm must repeat"),
        ({"kind": "retain", "days": 0, "confirm": ""}, "days must be"),
        ({"kind": "retain", "days": True, "confirm": ""}, "days must be"),
        ({"kind": "retain", "days": "30", "confirm": ""}, "days must be"),
        ({"kind": "retain", "days": 30, "confirm": "yes"}, "first day"),
    ],
)
async def test_an_order_that_is_not_clear_is_refused(order: object, says: str) -> None:
    """Nothing is begun on a misunderstanding; the answer says what is wrong, and names nobody."""
    desk = MadeUp()
    answer = await told(desk, order)
    assert (answer.status, desk.orders) == (400, [])
    assert says in json.loads(answer.text)["error"]
    assert "ada" not in answer.text


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(KINDS),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
        ("kind", "value", "confirm", "selector", "days", "full", "running")), inner),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_whatever_comes_is_an_order_or_refused(body: bytes) -> None:
    """No body is anything else, and what goes for good was said twice."""
    try:
        order = read_order(body)
    except BadOrder:
        return
    confirm = json.loads(body).get("confirm")
    if order.kind == "forget":
        assert confirm.strip() == order.value
    if order.kind == "retain":
        assert confirm == first_day(order.days)


def test_people_are_found_by_what_can_be_erased() -> None:
    """The page offers what `whiteout forget` takes."""
    assert tuple(kind.name for kind in PEOPLE) == SELECTORS


async def test_one_at_a_time_and_clear_trouble() -> None:
    """A second order of a kind gets 409, a disk that refuses 503, an order too long 400."""
    desk = MadeUp()
    desk.error = DeskBusy()
    assert (await told(desk, {"kind": "audit"})).status == 409
    desk.error = DeskUnavailable("the data folder cannot be used: No space left on device")
    answer = await told(desk, {"kind": "audit"})
    assert (answer.status, "No space" in answer.text) == (503, True)
    headers = {"Host": HOST, "Cookie": await signed_in()}
    assert (await ask(live(desk), "/api/desk", headers)).status == 503
    assert (await told(desk, {"kind": "audit", "more": "x" * 20_000})).status == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'"prove"', 202),
        (b'"audit"', 409),
        (b'"forget"', 409),
        (b'"retain"', 409),
        (b'"all"', 400),
        (b"", 400),
        (b"\xff", 400),
    ],
)
async def test_stopping(body: bytes, status: int) -> None:
    """What reads can be stopped; an erasure goes on to its end."""
    desk = MadeUp()
    headers = {"Host": HOST, "Cookie": await signed_in(), **OWN}
    answer = await ask(live(desk), "/api/desk/stop", headers, method="POST", body=body)
    assert answer.status == status
    assert desk.stopped == [name for name in ("prove", "audit") if f'"{name}"'.encode() == body]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        (f"{NUMBER}.json", 200),
        (f"{NUMBER}.html", 200),
        (f"{NUMBER}.request", 404),
        ("20261124T164113777234-00000000.json", 404),
        ("..%2fconfig.json", 404),
        ("x.json", 404),
    ],
)
async def test_receipts_are_read_by_their_number(name: str, status: int) -> None:
    """No name leads out of the folder; a page is for keeping, not for showing here."""
    desk = MadeUp()
    headers = {"Host": HOST, "Cookie": await signed_in()}
    answer = await ask(live(desk), f"/api/desk/receipts/{name}", headers)
    assert answer.status == status
    kept = "attachment" in answer.headers.get("content-disposition", "")
    assert kept is name.endswith(".html")
    download = await ask(live(desk), f"/api/desk/receipts/{NUMBER}.json?download", headers)
    assert "attachment" in download.headers["content-disposition"]
