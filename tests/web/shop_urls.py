"""The pages of the shop for Django's own server."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import re_path

from tests.web.shops import answer
from whiteout.web.django.configuration import tracking


def page(request: HttpRequest) -> HttpResponse:
    """Any page."""
    kind, content = answer(request.path, tracking())
    return HttpResponse(content, content_type=kind)


urlpatterns = [re_path("", page)]
