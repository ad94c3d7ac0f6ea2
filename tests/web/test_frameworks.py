"""Flask, FastAPI, Starlette and Django: the same visitor by each framework's own means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django
import django.test
import httpx
import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from fastapi import Depends, FastAPI
from flask import Flask, render_template_string
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.web.support import HOST, tracking
from whiteout.testing import MemoryCollector
from whiteout.tracker import Tracker
from whiteout.web import AsgiMiddleware, FlaskTracking, current_tracker, request_tracker

COLLECTOR = MemoryCollector()
PAGE = '{% load whiteout %}{% whiteout_tag "/whiteout.js" %}'


def django_view(request: HttpRequest) -> HttpResponse:
    """A view that tracks."""
    tracker: Any = request.tracker
    tracker.track_struct_event("django", "sync")
    request.csp_nonce = "nonce-1"
    return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


async def django_async_view(request: HttpRequest) -> HttpResponse:
    """A view that tracks without having the request."""
    tracker = current_tracker()
    assert tracker is not None
    tracker.track_struct_event("django", "async")
    return HttpResponse("ok")


urlpatterns = [path("p", django_view), path("async", django_async_view)]


def consents(request: HttpRequest) -> bool:
    """What the visitor decided, as a cookie of the site says."""
    return bool(request.COOKIES.get("consent") == "yes")


@pytest.fixture
def _django() -> Iterator[None]:
    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"],
            ROOT_URLCONF=__name__,
            SECRET_KEY="not secret",
            INSTALLED_APPS=["whiteout.web.django"],
            MIDDLEWARE=["whiteout.web.django.middleware.WhiteoutMiddleware"],
            TEMPLATES=[
                {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
            ],
            WHITEOUT={},
        )
        django.setup()
    configured = {
        "namespace": "sp",
        "endpoint": "https://collector.invalid",
        "consent": f"{__name__}.consents",
        **COLLECTOR.options,
    }
    COLLECTOR.clear()
    with django.test.override_settings(WHITEOUT=configured):
        yield


@pytest.mark.usefixtures("_django")
def test_django() -> None:
    """Django's own request has the tracker; cookies and the tag's level follow the consent."""
    client = django.test.Client(HTTP_HOST=HOST)
    page = client.get("/p").content.decode()
    COLLECTOR.assert_anonymous(server=True)
    assert not client.cookies
    assert '<script nonce="nonce-1">' in page
    assert (
        '"anonymousTracking":{"withSessionTracking":false,"withServerAnonymisation":true}' in page
    )
    client.cookies["consent"] = "yes"
    page = client.get("/p").content.decode()
    assert '"anonymousTracking":false' in page
    assert COLLECTOR.events[-1]["duid"]
    names = {name.partition(".")[0] for name in client.cookies}
    assert names == {"consent", "_sp_id", "_sp_ses"}
    client.get("/p")
    assert COLLECTOR.events[-1]["duid"] == COLLECTOR.events[-2]["duid"]


@pytest.mark.usefixtures("_django")
async def test_django_async() -> None:
    """Async views have their own context."""
    client = django.test.AsyncClient()
    assert (await client.get("/async")).content == b"ok"
    COLLECTOR.assert_sent(1, se_ac="async")


@pytest.mark.usefixtures("_django")
@pytest.mark.parametrize("wrong", [None, {"namespace": "sp"}, {"namespace": "sp", "endpoint": ""}])
def test_django_settings_that_are_wrong(wrong: object) -> None:
    """A setting that cannot be right is an error of Django's own kind."""
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    from whiteout.web.django.configuration import tracking as configured  # noqa: PLC0415

    with (
        django.test.override_settings(WHITEOUT=wrong),
        pytest.raises(ImproperlyConfigured, match="WHITEOUT"),
    ):
        configured()


def test_flask(collector: MemoryCollector) -> None:
    """A Flask application, by the extension; templates have the tag."""
    app = Flask(__name__)
    FlaskTracking(app, tracking=tracking(collector, lambda environ: "yes" in str(environ)))

    @app.get("/p")
    def view() -> str:
        tracker = current_tracker()
        assert tracker is not None
        tracker.track_struct_event("flask", "looked")
        return render_template_string("{{ whiteout_tag('/whiteout.js', nonce='n\"1') }}")

    client = app.test_client()
    page = client.get("/p").text
    assert page.startswith('<script nonce="n&quot;1">')
    collector.assert_anonymous(server=True)
    client.get("/p?yes")
    assert collector.events[-1]["duid"]


async def test_fastapi(collector: MemoryCollector) -> None:
    """FastAPI, by middleware and dependency, in both kinds of path operations."""
    app = FastAPI()
    app.add_middleware(
        AsgiMiddleware, tracking=tracking(collector, lambda scope: b"yes" in scope["query_string"])
    )

    @app.get("/sync")
    def sync(tracker: Tracker = Depends(request_tracker)) -> str:  # noqa: B008, FAST002
        tracker.track_struct_event("fastapi", "sync")
        return "ok"

    @app.get("/async")
    async def other(tracker: Tracker = Depends(request_tracker)) -> str:  # noqa: B008, FAST002
        tracker.track_struct_event("fastapi", "async")
        return "ok"

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}") as client:
        assert (await client.get("/sync")).status_code == 200
        assert (await client.get("/async?yes")).status_code == 200
        assert {name.partition(".")[0] for name in client.cookies} == {"_sp_id", "_sp_ses"}
    first, second = collector.events
    assert not first.identifiers()
    assert second["duid"]


async def test_starlette(collector: MemoryCollector) -> None:
    """Starlette, with a page view for each HTML page, and the queue sent at the end."""

    async def view(request: Request) -> HTMLResponse:
        return HTMLResponse("<p>")

    shared = tracking(collector, page_views=True)
    app = AsgiMiddleware(Starlette(routes=[Route("/p", view)]), tracking=shared)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{HOST}") as client:
        await client.get("/p")
        await client.get("/missing")
        await client.head("/p")
    collector.assert_sent(1, e="pv", url=f"https://{HOST}/p")
    assert len(collector) == 1


async def test_the_lifespan_ends_with_an_empty_queue(collector: MemoryCollector) -> None:
    """At the end of the lifespan what waits is sent, and the queue is closed."""
    shared = tracking(collector)
    app = AsgiMiddleware(Starlette(), tracking=shared)
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    said: list[str] = []

    async def receive() -> dict[str, str]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        said.append(message["type"])

    await app({"type": "lifespan", "state": {}}, receive, send)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert shared.close()
