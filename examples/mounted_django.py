"""A collector inside a Django project: `uvicorn examples.mounted_django:application`.

Its events come from the site's own address, so they are first-party and need no CORS. They wait in
the folder `whiteout-data` until `whiteout up` loads them into the lake.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from whiteout import collector

PLACE = "/t"

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only an example",  # noqa: S106  # it guards nothing
)

site = get_asgi_application()
events = collector.app("whiteout-data/spool")


def greet(_request: HttpRequest) -> HttpResponse:
    """Greet."""
    return HttpResponse("Hello")


urlpatterns = [path("", greet)]


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The collector below its place, which also opens and closes it, and Django everywhere else."""
    if scope["type"] == "lifespan":
        await events(scope, receive, send)
    elif scope["path"].startswith(f"{PLACE}/"):
        root = scope.get("root_path", "") + PLACE
        await events({**scope, "root_path": root}, receive, send)
    else:
        await site(scope, receive, send)
