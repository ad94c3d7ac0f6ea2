"""Delivers a batch of events, and judges the answer (R135, R145; W30, W31)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from whiteout.tracker.exchange import Work
from whiteout.tracker.lanes import Lane
from whiteout.tracker.log import failed, logger
from whiteout.tracker.options import Options
from whiteout.tracker.receipts import RequestFailure
from whiteout.tracker.requests import ENVELOPE, STAMP, Requests
from whiteout.tracker.transport import Response

_REFUSED = frozenset({400, 401, 403, 410, 413, 422})
_TOO_LARGE = 413
_NOT_DECODED = 415
_MOST = 500
_OKAY = range(200, 300)


@dataclass(slots=True)
class Outcome:
    """What came of a request: done, or to be tried again, at once in smaller parts if `split`.

    `tell` calls back the program.
    """

    done: bool = False
    retry: bool = False
    split: bool = False
    tell: Callable[[], None] = field(default=lambda: None)


class Room:
    """What still fits into one request."""

    def __init__(self, requests: Requests, most: int) -> None:
        self._requests = requests
        self._left = most - ENVELOPE + 1
        self._first = True
        self._closed = False

    def takes(self, raw: bytes) -> bool:
        """Whether an event goes into this request; the first one always does (W30)."""
        size = len(raw) + STAMP
        alone = self._requests.goes_by_get(raw)
        fits = self._first or (size <= self._left and not self._closed and not alone)
        self._left -= size
        self._closed = self._closed or alone
        self._first = False
        return fits


class Courier:
    """Sends batches for one tracker. `most` is the largest number of events in a request."""

    most = _MOST

    def __init__(self, options: Options) -> None:
        self._options = options
        self._requests = Requests(options)

    def room(self) -> Room:
        """Room for one request."""
        return Room(self._requests, self._options.max_post_bytes)

    def deliver(self, lane: Lane, events: list[bytes]) -> Work[Outcome]:
        """Send events and tell the lane how it went. Never raises."""
        response: Response | None = None
        message: str | None = None
        try:
            request = self._requests.build(events, server=lane.server, now=time.time())
            response = yield request
        except Exception as error:  # noqa: BLE001  # a transport may be a stranger's
            message = type(error).__name__
        if response is not None and response.status in _OKAY:
            lane.worked()
            return Outcome(done=True, tell=lambda: self._succeeded(events, response))
        return self._failed(lane, events, response, message)

    def _failed(
        self, lane: Lane, events: list[bytes], response: Response | None, message: str | None
    ) -> Outcome:
        options = self._options
        status = None if response is None else response.status
        split = status == _TOO_LARGE and len(events) > 1
        if status == _NOT_DECODED and self._requests.gzip:
            self._requests.gzip = False
            split = True
        refused = _REFUSED | options.dont_retry_status_codes
        retry = split or (
            options.retry_failed_requests
            and (status in options.retry_status_codes or status not in refused)
        )
        if split:
            lane.most = max(1, len(events) // 2) if status == _TOO_LARGE else lane.most
        elif retry:
            lane.failed(None if response is None else _retry_after(response))
        logger.debug("a request failed: %s", status or message)
        failure = RequestFailure
        return Outcome(
            retry=retry,
            split=split,
            tell=lambda: self._refused(
                events,
                lambda payloads: failure(
                    payloads, will_retry=retry, status=status, message=message
                ),
            ),
        )

    def _succeeded(self, events: list[bytes], response: Response) -> None:
        call = self._options.on_request_success
        if call is not None:
            try:
                call([json.loads(raw) for raw in events], response)
            except Exception as error:  # noqa: BLE001  # a stranger's code
                failed("on_request_success", error)

    def _refused(
        self,
        events: list[bytes],
        failure: Callable[[list[dict[str, str]]], RequestFailure],
    ) -> None:
        call = self._options.on_request_failure
        if call is not None:
            try:
                call(failure([json.loads(raw) for raw in events]))
            except Exception as error:  # noqa: BLE001  # a stranger's code
                failed("on_request_failure", error)


def _retry_after(response: Response) -> float | None:
    """Seconds that the collector asks to wait, where it says so in seconds."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
