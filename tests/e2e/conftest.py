"""What the end-to-end tests share: one browser and one site for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.browser import browser
from tests.support.site import Site
from tests.support.visit import shop

__all__ = ["browser", "site"]


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A web site with the unmodified official browser tracker on every page."""
    with shop() as served:
        yield served
