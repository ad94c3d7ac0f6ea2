"""Tracking for a web application: one queue, and a tracker for each request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Unpack

from whiteout.privacy import Anonymity, StorageStrategy
from whiteout.privacy.consent import Consent
from whiteout.tracker import ConfigurationError, Options, TrackerOptions
from whiteout.tracker.backlog import FileBacklog
from whiteout.tracker.database import Database
from whiteout.tracker.emitter import Emitter
from whiteout.tracker.folders import data_folder, file_name
from whiteout.tracker.log import describe
from whiteout.web.facts import RequestFacts
from whiteout.web.snippet import tag_snippet
from whiteout.web.visits import Visit, logger

ConsentOf = Callable[[Any], Consent | str | bool | None]
"""Tells from the framework's own request what its visitor decided."""

AddressOf = Callable[[Any], str | None]
"""Tells from the framework's own request the address of its visitor."""

_PAGE = "text/html"


class TrackingOptions(TrackerOptions, total=False):
    """The options of `Tracking`, as keyword arguments. `Tracking` says what each means."""

    consent: ConsentOf | None
    page_views: bool
    address: AddressOf | None


class Tracking:
    """What all requests of an application share.

    `consent` is asked once for each request in which something is tracked; without it nobody has
    decided. An answer that is no decision, or an exception, counts as a refusal. `page_views`
    tracks a page view for each HTML page that is answered to a GET request with a status below 400.
    `address` tells the visitor's address, by default the peer's; it is sent only while identified.

    All other options are those of `Tracker`, with two other defaults: the platform is `web`, and
    tracking is server-anonymous until consent says otherwise. Raises ConfigurationError.
    """

    def __init__(
        self,
        namespace: str,
        endpoint: str,
        *,
        consent: ConsentOf | None = None,
        page_views: bool = False,
        address: AddressOf | None = None,
        **options: Unpack[TrackerOptions],
    ) -> None:
        usual: TrackerOptions = {
            "platform": "web",
            "anonymous_tracking": Anonymity(anonymous=True, server=True),
        }
        merged: TrackerOptions = {**usual, **options}
        self.options = Options.read(namespace, endpoint, merged)
        self._check(merged)
        self._consent = consent
        self._address = address
        self._page_views = page_views
        self._emitter = Emitter(self.options, self._backlog())

    def _check(self, given: Mapping[str, Any]) -> None:
        if self.options.state_storage_strategy is StorageStrategy.LOCAL_STORAGE:
            raise ConfigurationError(
                "a server cannot reach the local storage of a browser: choose a strategy with"
                " cookies, or none"
            )
        for name in ("cookies", "local_storage", "signals"):
            if given.get(name) is not None and name != "local_storage":
                raise ConfigurationError(f"{name} come with each request here")

    def _backlog(self) -> FileBacklog | None:
        options = self.options
        folder: Path | None = options.data_folder or data_folder()
        keeps = options.state_storage_strategy is StorageStrategy.COOKIE_AND_LOCAL_STORAGE
        if folder is None or not keeps or not options.use_local_storage:
            return None
        path = folder / file_name(options.namespace, options.endpoint)
        return FileBacklog(Database(path), options.max_local_storage_queue_size)

    def visit(self, facts: RequestFacts, request: Any) -> Visit:
        """The visit of a request; `request` is the framework's own, for the callables."""
        return Visit(
            self.options,
            self._emitter,
            facts,
            lambda: self._decision(request),
            lambda: self._address_of(request, facts),
        )

    def _decision(self, request: Any) -> Consent:
        if self._consent is None:
            return Consent.UNKNOWN
        try:
            return Consent.read(self._consent(request))
        except Exception as error:  # noqa: BLE001  # on any doubt, no consent (W13)
            logger.error("consent could not be told: %s", describe(error))
            return Consent.DENIED

    def _address_of(self, request: Any, facts: RequestFacts) -> str | None:
        if self._address is None:
            return facts.address
        try:
            return self._address(request)
        except Exception as error:  # noqa: BLE001  # a stranger's code
            logger.error("the address could not be told: %s", describe(error))
            return None

    def answered(self, visit: Visit, status: int, content_type: str | None) -> None:
        """The head of a response is about to leave: track a page view if that is wanted."""
        is_page = (content_type or "").lower().startswith(_PAGE)
        if self._page_views and is_page and status < 400 and visit.facts.method == "GET":
            visit.tracker.track_page_view()

    def snippet(self, visit: Visit | None, *, script: str, nonce: str | None = None) -> str:
        """The HTML that loads the browser tag with this configuration and the visitor's level."""
        return tag_snippet(self.options, visit, script=script, nonce=nonce)

    def flush(self, timeout: float = 10.0) -> bool:
        """Send what waits now; whether nothing waits any more."""
        return self._emitter.flush(timeout)

    def close(self, timeout: float | None = None) -> bool:
        """Send what waits, and end; whether nothing was lost."""
        seconds = self.options.shutdown_timeout / 1000 if timeout is None else timeout
        return self._emitter.close(seconds)
