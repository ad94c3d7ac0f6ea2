"""A Django project in one file: `gunicorn examples.django_app:app`."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only an example",  # noqa: S106  # it guards nothing
    INSTALLED_APPS=["whiteout.web.django"],
    MIDDLEWARE=["whiteout.web.django.middleware.WhiteoutMiddleware"],
    WHITEOUT={
        "namespace": "example",
        "endpoint": os.environ.get("COLLECTOR", "http://127.0.0.1:9090"),
        "consent": f"{__name__}.consent",
    },
)


def consent(request: HttpRequest) -> bool:
    """The decision, as a cookie of this site tells it."""
    return bool(request.COOKIES.get("consent") == "yes")


def greet(request: HttpRequest) -> HttpResponse:
    """Greet, and track it."""
    request.tracker.track_struct_event("example", "greeted")
    return HttpResponse("<!doctype html><title>Hello</title>")


urlpatterns = [path("", greet)]
app = get_wsgi_application()
