"""How a process writes its log: a line of text, or a JSON object a line. Never an identifier."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from types import TracebackType

_Exception = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class _Discreet(logging.Formatter):
    """Says where an exception arose and of which type it is; its text may quote an event."""

    def formatException(self, ei: _Exception) -> str:  # noqa: N802 (the name that logging calls)
        """The frames and the type of an exception."""
        kind, _, trace = ei
        frames = traceback.extract_tb(trace)[-5:]
        lines = [f"  {os.path.basename(f.filename)}:{f.lineno} in {f.name}" for f in frames]  # noqa: PTH119
        return "\n".join([*lines, "" if kind is None else kind.__name__])


class _Json(_Discreet):
    """One JSON object a line, with the fields of an access log where there are some."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The object of a record."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        shown: dict[str, object] = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
        }
        fields = getattr(record, "fields", None)
        shown |= {"message": record.getMessage()} if fields is None else fields
        if record.exc_info:
            shown["exception"] = self.formatException(record.exc_info)
        return json.dumps(shown)


def set_up_logs(process: str, *, as_json: bool, access: bool = False) -> None:
    """Write warnings and errors of this process, and its access log where it is wanted.

    Lines of text go to standard error; so do JSON objects.
    """
    handler = logging.StreamHandler(sys.stderr)
    name = "whiteout" if process == "worker" else f"whiteout {process}"
    handler.setFormatter(_Json(process) if as_json else _Discreet(f"{name}: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    # What strangers send is no news.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    if access:
        logging.getLogger("whiteout.access").setLevel(logging.INFO)
