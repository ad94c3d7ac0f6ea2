"""`{% load whiteout %}{% whiteout_tag "/static/whiteout.js" %}` loads the browser tag."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import mark_safe

from whiteout.web.django.configuration import tracking

register = template.Library()


def whiteout_tag(context: Any, script: str, nonce: str | None = None) -> Any:
    """The script element for the browser tag, at the level of this visitor.

    `nonce` is by default that of the content security policy, where the request has one.
    """
    request = getattr(context, "request", None) or context.get("request")
    if nonce is None:
        nonce = context.get("csp_nonce") or getattr(request, "csp_nonce", None)
    visit = getattr(request, "whiteout", None)
    html = tracking().snippet(visit, script=script, nonce=str(nonce) if nonce else None)
    return mark_safe(html)  # noqa: S308  # every value in it is escaped


register.simple_tag(whiteout_tag, takes_context=True)
