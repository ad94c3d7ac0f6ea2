"""One browser, one site with the tag and one collector for all tests of the tag."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.browser import browser as browser  # noqa: PLC0414  # a fixture
from tests.support.site import HTML, SCRIPT, Site
from tests.tag.pages import html, plugins, prompt
from tests.tag.stub import Stub

LINKS = """
<a id="link" href="https://other.example.test/p?a=1#h">other</a>
<a id="second" href="https://other.example.test/q">second</a>
<script>addEventListener('click', (event) => event.preventDefault())</script>
"""


@pytest.fixture(scope="session")
def stub() -> Iterator[Stub]:
    """A collector that only listens."""
    with Stub() as listening:
        yield listening


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A site with the tag on every page."""
    tall = '<div style="height: 3000px; width: 3000px"></div>'
    pages = {
        "/": (HTML, html(body=LINKS)),
        "/empty": (HTML, b'<!doctype html><link rel="icon" href="data:,">'),
        "/tall": (HTML, html(body=tall)),
        "/shop/": (HTML, html()),
        "/whiteout.js": (SCRIPT, prompt()),
        **plugins(),
    }
    with Site(pages) as served:
        yield served


@pytest.fixture
def url(site: Site) -> str:
    """The address of the site's first page."""
    return site.url()
