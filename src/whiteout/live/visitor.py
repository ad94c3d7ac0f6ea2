"""`GET /api/visitor`: what the asking browser tells by itself with every request.

Of cookies only the names are told: their values may be closed to scripts, and stay so. The answer
is `{"address": …, "cookies": [name, …], "headers": {name: value}}`; nothing of it is kept.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_TOLD = ("user-agent", "accept-language", "sec-gpc", "dnt", "sec-ch-ua", "sec-ch-ua-platform")


async def visitor(request: Request) -> Response:
    """Answer with what came along."""
    pairs = (pair for line in request.headers.getlist("cookie") for pair in line.split(";"))
    names = {pair.partition("=")[0].strip() for pair in pairs} - {""}
    headers = {name: request.headers[name] for name in _TOLD if name in request.headers}
    address = None if request.client is None else request.client.host
    return JSONResponse({"address": address, "cookies": sorted(names), "headers": headers})
