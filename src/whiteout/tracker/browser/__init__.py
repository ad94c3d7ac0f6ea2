"""The tracker in a web page, under Pyodide: cookies, local storage and `fetch` of the browser.

There are no threads and no files there. What only a browser has is imported when it is needed, so
every other Python can import this.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any


def is_here() -> bool:
    """Whether this Python runs in a browser, in a page or in a worker of one."""
    return sys.platform == "emscripten"


def js() -> Any:
    """The names of JavaScript."""
    return importlib.import_module("js")


def ffi() -> Any:
    """What converts between the two languages."""
    return importlib.import_module("pyodide.ffi")


def in_page() -> bool:
    """Whether there is a page, with cookies and an address; a worker has none."""
    return is_here() and hasattr(js(), "document")


def when_left(action: Callable[[], object]) -> None:
    """Call `action` when the page is about to be gone, which may be the last chance."""
    if in_page():
        js().addEventListener("pagehide", ffi().create_proxy(lambda _event: action()))


def facts() -> Callable[[], dict[str, str]] | None:
    """Tells what the page says about itself; None where there is none."""
    if not in_page():
        return None
    from whiteout.tracker.browser.page import page_facts  # noqa: PLC0415  # only there

    return page_facts
