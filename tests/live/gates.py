"""What the tests of the gate share."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.live.asgi import HOST, ask
from whiteout.live.gate import Gate

TOKEN = "a-long-random-token"
BROWSER = {"Host": HOST, "Accept": "text/html,*/*", "Sec-Fetch-Mode": "navigate"}
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:3000"},
    {"Origin": "http://localhost:9090.evil.example"},
    {"Origin": "http://[bad"},
]
"""What a browser says of a request that a page of another origin makes."""


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    """What the gate protects."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
        return
    await PlainTextResponse("inside")(scope, receive, send)


OPEN = Gate(inside, None)
CLOSED = Gate(inside, TOKEN)


async def signed_in(gate: Gate = CLOSED, scheme: str = "http") -> str:
    """The cookie that signing in sets."""
    form = f"token={TOKEN}&next=/try".encode()
    answer = await ask(gate, "/signin", body=form, scheme=scheme)
    assert answer.status == 303
    return answer.headers["set-cookie"].partition(";")[0]
