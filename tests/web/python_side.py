"""The Python tracker, driven through the steps that drive the trackers of a page."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.tag.differential.sides import AT_ONCE, CONFIGURATION, Seen, Step
from tests.tag.stub import Request
from tests.tracker.support import Clock
from whiteout.testing import MemoryCollector
from whiteout.tracker import MemoryStorage, RequestSignals, Tracker
from whiteout.tracker.cookies import cookie_text

NOT_HERE = {"link", "click"}
"""Steps that need a page: a program has no links to decorate."""


def snake(name: str) -> str:
    """A name in snake_case."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


class PythonSide:
    """A visitor who is new to the site; `run` returns what each step did, as `Side.run` does."""

    def __init__(self, site: str) -> None:
        self._page = f"{site}/?q=shoes&utm_source=news#part"
        self._clock = Clock()
        self._collector = MemoryCollector()
        self._cookies = MemoryStorage(self._clock)
        self._local = MemoryStorage(self._clock)
        self._headers: dict[str, str] = {}
        self._jar: dict[str, str] = {}
        self._told = 0
        self._started: dict[str, Any] = {}
        self._tracker: Tracker | None = None

    def run(self, steps: list[Step]) -> list[Seen]:
        """Take the steps."""
        with tempfile.TemporaryDirectory() as folder:
            return [self._take(step, Path(folder)) for step in steps]

    def _take(self, step: Step, folder: Path) -> Seen:
        name, argument = step
        heard = len(self._collector.requests)
        self._told = 0
        if name == "start":
            self._started = dict(argument or {})
        if name in {"start", "reload"}:
            self._start(folder)
        else:
            self._act(name, argument)
        if self._tracker is not None and name not in {*AT_ONCE, "out"}:
            # A page stores its state at once.
            self._tracker.get_privacy_state()
        self._clock.now += 1
        requests = [
            Request(
                one.method,
                urlsplit(one.url).path,
                dict(one.headers),
                [dict(event) for event in one.events],
                0,
            )
            for one in self._collector.requests[heard:]
        ]
        return Seen(requests, self._state(), threw=False, service=False)

    def _start(self, folder: Path) -> None:
        if self._tracker is not None:
            self._tracker.close()
        given = {**CONFIGURATION, **self._started}
        signal = given.pop("signal", None)
        self._headers = {"dnt": "1"} if signal == "dnt" else {}
        self._headers |= {"sec-gpc": "1"} if signal == "gpc" else {}
        if given.pop("told", False):
            given["onSessionUpdateCallback"] = self._tell
        given.pop("useExtendedCrossDomainLinker", None)
        given["contexts"] = {"webPage": True, "session": True}
        options: dict[str, Any] = {
            **self._collector.options,
            **{snake(name): value for name, value in given.items()},
            "platform": "web",
            "clock": self._clock,
            "cookies": self._cookies,
            "local_storage": self._local,
            "cookie_domain": "example.test",
            "signals": RequestSignals(lambda name: [self._headers.get(name, "")], self._jar),
            "use_local_storage": None,
            "data_folder": folder,
        }
        self._tracker = Tracker("sp", "https://collector.invalid", **options)
        self._tracker.set_custom_url(self._page)
        self._tracker.set_document_title("Shop")

    def _tell(self, _session: object) -> None:
        self._told += 1

    def _act(self, name: str, argument: Any) -> None:
        tracker = self._tracker
        match name:
            case "offline" | "online":
                self._collector.status = 500 if name == "offline" else 200
            case "time":
                self._clock.now += argument
            case "out":
                self._jar["optout"] = argument
            case "put":
                self._cookies.set(argument[0], cookie_text(argument[1].partition(";")[0]), 10**6)
            case _:
                assert tracker is not None
                self._call(tracker, name, argument)

    def _call(self, tracker: Tracker, name: str, argument: Any) -> None:
        given = argument if isinstance(argument, dict) else {}
        options = {snake(key): value for key, value in given.items()}
        match name:
            case "view":
                tracker.track_page_view(title=argument)
            case "struct":
                tracker.track_struct_event("c", "a", value=0)
            case "thing":
                tracker.track_self_describing_event(
                    {"schema": "iglu:com.acme/thing/jsonschema/1-0-0", "data": argument}
                )
            case "user":
                tracker.set_user_id(argument)
            case "pair":
                tracker.add_payload_pair(*argument)
            case "enable":
                tracker.enable_anonymous_tracking(options.pop("options", None), **options)
            case "disable":
                tracker.disable_anonymous_tracking(**options)
            case "clear":
                tracker.clear_user_data(**options)
            case "session":
                tracker.new_session()
            case "watch":
                tracker.set_opt_out_cookie("optout")
            case "flush":
                tracker.flush()
            case _:
                raise ValueError(name)

    def _state(self) -> dict[str, Any]:
        # What is over stays in local storage until somebody looks.
        local: dict[str, str] = {}
        for name, (value, _) in self._local._items.items():
            local |= {name: value, f"{name}.expires": "1"}
        cookies = {name: self._cookies.get(name) for name in self._cookies.keys()}  # noqa: SIM118
        return {
            "cookies": "; ".join(f"{name}={text}" for name, text in cookies.items() if text),
            "local": local,
            "session": {},
            "writes": [],
            "reads": 0,
            "href": "",
            "told": self._told,
        }
