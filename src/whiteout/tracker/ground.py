"""What a tracker stands on: files and memory of a program, or a page of a browser (R24-R26)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from whiteout.tracker import browser
from whiteout.tracker.backlog import Backlog, FileBacklog
from whiteout.tracker.database import Database
from whiteout.tracker.files import FileStorage
from whiteout.tracker.folders import data_folder, file_name
from whiteout.tracker.options import Options
from whiteout.tracker.places import Places
from whiteout.tracker.storage import MemoryStorage, NullStorage, Storage

_HOST = "localhost"


def with_defaults(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options, and what a browser has in place of their defaults."""
    usual: dict[str, Any] = {}
    if browser.is_here():
        from whiteout.tracker.browser.fetch import FetchTransport  # noqa: PLC0415  # only there

        usual = {"transport": FetchTransport()}
    if browser.in_page():
        from whiteout.tracker.browser.signals import PageSignals  # noqa: PLC0415  # only there

        usual |= {"platform": "web", "signals": PageSignals()}
    given = {
        name: value for name, value in options.items() if value is not None or name not in usual
    }
    return {**usual, **given}


def ground_of(options: Options) -> tuple[Places, Backlog | None]:
    """Where ids are kept, and where events wait outside of memory, None for nowhere."""
    if browser.is_here():
        return _page(options)
    return _program(options)


def _program(options: Options) -> tuple[Places, Backlog | None]:
    folder = options.data_folder or data_folder()
    database = None
    if folder is not None:
        database = Database(folder / file_name(options.namespace, options.endpoint))
    local: Storage = NullStorage()
    if options.local_storage is not None:
        local = options.local_storage
    elif database is not None:
        local = FileStorage(database, options.clock)
    backlog = None
    if database is not None and options.use_local_storage:
        backlog = FileBacklog(database, options.max_local_storage_queue_size)
    cookies = MemoryStorage(options.clock) if options.cookies is None else options.cookies
    return _places(options, cookies, local, options.cookie_domain or _HOST), backlog


def _page(options: Options) -> tuple[Places, Backlog | None]:
    from whiteout.tracker.browser.cookies import PageCookies  # noqa: PLC0415  # only there
    from whiteout.tracker.browser.local import PageBacklog, PageStorage  # noqa: PLC0415  # as well

    local = PageStorage(options.clock) if options.local_storage is None else options.local_storage
    if options.cookies is not None or not browser.in_page():
        # A worker of a browser has neither cookies nor local storage.
        cookies = MemoryStorage(options.clock) if options.cookies is None else options.cookies
        return _places(options, cookies, local, options.cookie_domain or _HOST), None
    own = PageCookies(options)
    backlog = None
    if options.use_local_storage:
        name = file_name(options.namespace, options.endpoint).removesuffix(".db")
        backlog = PageBacklog(name, options.max_local_storage_queue_size)
    return _places(options, own, local, own.domain), backlog


def _places(options: Options, cookies: Storage, local: Storage, domain: Any) -> Places:
    return Places(
        cookies,
        local,
        prefix=options.cookie_name,
        domain=domain,
        path=options.cookie_path,
    )
