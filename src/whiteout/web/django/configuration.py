"""The setting `WHITEOUT`, and the tracking that it describes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from whiteout.tracker import ConfigurationError
from whiteout.web.tracking import Tracking

_CALLABLES = ("consent", "address", "on_drop", "on_request_failure", "on_request_success")
_made: list[Tracking] = []


def tracking() -> Tracking:
    """The tracking of this project, made when it is first needed.

    The setting is a mapping with `namespace`, `endpoint`, and any option of `Tracking`; functions
    may be given by their dotted path. Raises ImproperlyConfigured.
    """
    if not _made:
        _made.append(_make(getattr(settings, "WHITEOUT", None)))
    return _made[0]


def _make(configured: Any) -> Tracking:
    if not isinstance(configured, dict):
        raise ImproperlyConfigured("the setting WHITEOUT must be a mapping of options")
    options = dict(configured)
    for name in _CALLABLES:
        if isinstance(options.get(name), str):
            options[name] = import_string(options[name])
    try:
        return Tracking(**options)
    except (ConfigurationError, TypeError) as error:
        raise ImproperlyConfigured(f"WHITEOUT: {error}") from error


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "WHITEOUT":
        while _made:
            _made.pop().close()


setting_changed.connect(_forget)
