"""One shop for three servers: `/` tracks and loads the tag, `/page` has the tag alone.

Run by uvicorn (`asgi`), gunicorn (`wsgi`) and Django's own server (this module is its settings).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from whiteout.web import AsgiMiddleware, Tracking, WsgiMiddleware, request_tracker
from whiteout.web.current import CURRENT

SCRIPT = Path(__file__).parents[2] / "src" / "whiteout" / "assets" / "whiteout.js"
HEAD = '<!doctype html><title>Shop</title><link rel="icon" href="data:,">'
OPTIONS: dict[str, Any] = {
    "namespace": "sp",
    "endpoint": os.environ.get("COLLECTOR", "http://127.0.0.1:9"),
    "contexts": {"session": True},
    "cookie_secure": False,
}


def answer(path: str, tracking: Tracking) -> tuple[str, bytes]:
    """Content type and content of a page."""
    if path == "/whiteout.js":
        return "text/javascript", SCRIPT.read_bytes()
    if path == "/":
        request_tracker().track_struct_event("server", "visited")
    return "text/html", (HEAD + tracking.snippet(CURRENT.get(), script="/whiteout.js")).encode()


def agreed(cookies: str) -> bool:
    """The decision, as a cookie of the shop tells it."""
    return "consent=yes" in cookies


async def _asgi(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    kind, content = answer(scope["path"], asgi.tracking)
    headers = [(b"content-type", kind.encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _wsgi(environ: Any, start_response: Any) -> list[bytes]:
    kind, content = answer(environ["PATH_INFO"], wsgi.tracking)
    start_response("200 OK", [("Content-Type", kind)])
    return [content]


asgi = AsgiMiddleware(
    _asgi,
    **OPTIONS,
    consent=lambda scope: agreed(dict(scope["headers"]).get(b"cookie", b"").decode()),
)
wsgi = WsgiMiddleware(
    _wsgi, **OPTIONS, consent=lambda environ: agreed(environ.get("HTTP_COOKIE", ""))
)

ALLOWED_HOSTS = ["*"]
DEBUG = True
ROOT_URLCONF = "tests.web.shop_urls"
SECRET_KEY = "not secret"
INSTALLED_APPS = ["whiteout.web.django"]
MIDDLEWARE = ["whiteout.web.django.middleware.WhiteoutMiddleware"]
WHITEOUT = {
    **OPTIONS,
    "consent": lambda request: agreed(request.META.get("HTTP_COOKIE", "")),
}
