"""Django: put `whiteout.web.django` into INSTALLED_APPS and its middleware into MIDDLEWARE."""

from __future__ import annotations
