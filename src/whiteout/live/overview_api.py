"""`GET /api/overview` and `GET /api/overview.csv`: what happened within a while.

Parameter `range`: 15m, 1h, 6h, 24h, 7d, 30d, 90d or 1y. The CSV has one table, by the parameter
`table`: series, pages, referrers or consent; its times are ISO 8601 in UTC.
"""

from __future__ import annotations

import asyncio
import csv
import io
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from whiteout.live.overview import SPANS, Overview

_log = logging.getLogger(__name__)

TABLES = ("series", "pages", "referrers", "consent")
DEFAULT_RANGE = "24h"
# How old an answer may be: a part of a step, so that it is never seen.
_PART = 15
_LONGEST = 60.0
# A spreadsheet takes text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class OverviewApi:
    """The endpoints. Every range is counted once for all who ask at a time, in one thread."""

    def __init__(self, overview: Overview) -> None:
        self._overview = overview
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live-overview")
        self._lock = asyncio.Lock()
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    async def json(self, request: Request) -> Response:
        """Answer 200, 400 for a bad parameter, or 503 when the lake cannot be read."""
        found = await self._look(request)
        return found if isinstance(found, Response) else JSONResponse(found)

    async def csv(self, request: Request) -> Response:
        """The same of one table, as a file."""
        table = request.query_params.get("table", "series")
        if table not in TABLES:
            return _refused(f"table must be one of {', '.join(TABLES)}")
        found = await self._look(request)
        if isinstance(found, Response):
            return found
        name = f"whiteout-{table}-{found['range']}.csv"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(_csv(found[table]), media_type="text/csv", headers=headers)

    async def _look(self, request: Request) -> dict[str, Any] | Response:
        name = request.query_params.get("range", DEFAULT_RANGE)
        if name not in SPANS:
            return _refused(f"range must be one of {', '.join(SPANS)}")
        async with self._lock:
            until, answer = self._known.get(name, (0.0, {}))
            if time.monotonic() < until:
                return answer
            loop = asyncio.get_running_loop()
            try:
                answer = await loop.run_in_executor(self._thread, self._overview.look, name)
            except Exception as error:  # noqa: BLE001 (whatever the lake raises: it cannot be read)
                _log.warning("the overview cannot be counted: %s", type(error).__name__)
                return JSONResponse({"error": "the lake cannot be read"}, status_code=503)
            age = min(SPANS[name].step / _PART, _LONGEST)
            self._known[name] = (time.monotonic() + age, answer)
            return answer


def _refused(why: str) -> Response:
    return JSONResponse({"error": why}, status_code=400)


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    if rows:
        writer.writerow(rows[0])
    for row in rows:
        writer.writerow([_cell(name, value) for name, value in row.items()])
    return out.getvalue()


def _cell(name: str, value: Any) -> Any:
    if name == "t":
        return datetime.fromtimestamp(value / 1_000, UTC).isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
