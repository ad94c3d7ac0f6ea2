"""An application for the browser tests: the live pages, and a stand-in for collector and loader.

The stand-in answers the try-it page and publishes what a collector would keep, at once and without
care. Tests hand it further feed entries by `POST /test/publish`, read what it heard by
`GET /test/heard`, and begin with an empty feed by `POST /test/reset`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.live.entries import event, failed
from whiteout import assets
from whiteout.feed import FeedWriter
from whiteout.live import Live, LiveSettings, on_termination, owns
from whiteout.privacy import infer

FEED = "STUB_FEED"
TOKEN = "STUB_TOKEN"
OFFICIAL = "STUB_OFFICIAL"
TP2 = "/com.snowplowanalytics.snowplow/tp2"


def application() -> ASGIApp:
    """The application; feed and token come from the environment."""
    feed = Path(os.environ[FEED])
    official = os.environ.get(OFFICIAL)
    settings = LiveSettings(
        feed,
        os.environ.get(TOKEN),
        "0.1.0",
        official_tracker=None if official is None else Path(official),
    )
    pages = Live(settings)
    writers = [FeedWriter.open(feed)]
    heard: list[object] = []

    async def reset(_request: Request) -> Response:
        writers.pop().close()
        for file in feed.parent.glob(f"{feed.name}*"):
            file.unlink()
        writers.append(FeedWriter.open(feed))
        heard.clear()
        return PlainTextResponse("ok")

    async def collect(request: Request) -> Response:
        signal = "sp-anonymous" if "sp-anonymous" in request.headers else None
        if request.url.path.startswith("/anonymous/"):
            signal = "path"
        body = json.loads(await request.body())
        heard.append({"headers": dict(request.headers), "body": body})
        for sent in body["data"]:
            writers[0].publish([_kept(sent, signal)], {})
        return PlainTextResponse("ok")

    async def told(_request: Request) -> Response:
        return JSONResponse(heard)

    async def cleared(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def script(request: Request) -> Response:
        return Response(assets.read(request.url.path[1:]), media_type="text/javascript")

    async def published(request: Request) -> Response:
        writers[0].publish((await request.body()).split(b"\n"), {})
        return PlainTextResponse("ok")

    collector = Starlette(
        routes=[
            Route(TP2, collect, methods=["POST"]),
            Route(f"/anonymous{TP2}", collect, methods=["POST"]),
            Route("/privacy/clear", cleared, methods=["POST"]),
            Route("/whiteout.js", script),
            Route("/plugins/{name}", script),
            Route("/test/heard", told),
            Route("/test/publish", published, methods=["POST"]),
            Route("/test/reset", reset, methods=["POST"]),
        ]
    )

    async def composed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            on_termination(pages.shutdown)
        mine = scope["type"] == "lifespan" or owns(scope["path"])
        await (pages if mine else collector)(scope, receive, send)

    return composed


def _kept(sent: Mapping[str, str], signal: str | None) -> bytes:
    server = signal is not None
    name = {"pv": "page_view", "se": "event"}.get(sent["e"], "")
    try:
        name = name or json.loads(sent["ue_pr"])["data"]["schema"].split("/")[1]
    except ValueError:
        return failed(
            "The self-describing event is not JSON.",
            errors=(("ue_pr", "it ends in the middle, at position 98"),),
            mode="anonymous",
            redacted=(),
            signal=None,
            app=sent["aid"],
            event_id=sent["eid"],
            payload=dict(sent),
        )
    user = "duid" in sent or "uid" in sent
    mode = infer(user=user, session="sid" in sent, server=server)
    identifiers: dict[str, Any] = {
        "user_id": sent.get("uid"),
        "domain_userid": sent.get("duid"),
        "domain_sessionid": sent.get("sid"),
        "domain_sessionidx": int(sent["vid"]) if "vid" in sent else None,
        "network_userid": "0b7e3f9a-5d51-4c0e-9d1e-6a1f0f6c2b11",
        "user_ipaddress": "127.0.0.0",
    }
    redacted: tuple[str, ...] = ()
    if server:
        lost = {"user_id", "domain_userid", "network_userid", "user_ipaddress"}
        if user:
            lost |= {"domain_sessionid", "domain_sessionidx"}
        arrived = {"network_userid", "user_ipaddress"}
        redacted = tuple(
            name
            for name in identifiers
            if name in lost and (sent_as(name, sent) or name in arrived)
        )
        identifiers = {name: None if name in lost else value for name, value in identifiers.items()}
    identified = mode == "identified"
    return event(
        mode,
        name=name,
        app=sent["aid"],
        url=sent["url"] if not server else _scrubbed(sent["url"]),
        page_referrer=_referrer(sent, server=server),
        page_title=sent.get("page"),
        useragent="Mozilla/5.0 (X11; Linux x86_64) Chrome/130" if identified else "Chrome on Linux",
        identifiers=identifiers,
        redacted=redacted,
        signal=signal,
        event_id=sent["eid"],
        contexts=json.loads(sent["co"]),
    )


def sent_as(name: str, sent: Mapping[str, str]) -> bool:
    """Whether a payload carries an identifier."""
    parameters = {
        "user_id": "uid",
        "domain_userid": "duid",
        "domain_sessionid": "sid",
        "domain_sessionidx": "vid",
    }
    return parameters.get(name, "") in sent


def _referrer(sent: Mapping[str, str], *, server: bool) -> str | None:
    found = sent.get("refr")
    return found.partition("?")[0] if found and server else found


def _scrubbed(url: str) -> str:
    parts = urlsplit(url)
    query = urlencode([pair for pair in parse_qsl(parts.query) if pair[0].startswith("utm_")])
    return parts._replace(query=query, fragment="").geturl()
