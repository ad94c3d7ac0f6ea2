"""Whatever happens to a tracker, nothing holds an identifier that its mode forbade (S12)."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.tracker.support import BOTH, SERVER, SESSION, Bench
from whiteout.privacy import Anonymity, StorageStrategy
from whiteout.testing import Received, SentEvent
from whiteout.tracker import RequestSignals, Tracker
from whiteout.tracker.anonymity import read_anonymity

LEVELS = st.sampled_from([False, True, SESSION, SERVER, BOTH])
ANONYMOUS = st.sampled_from([None, True, SESSION, SERVER, BOTH])
STRATEGIES = st.sampled_from([*StorageStrategy])
MAYBE = st.one_of(st.none(), STRATEGIES)
USER, NETWORK, ADDRESS, MAIL = "user-canary", "net-canary", "198.51.100.77", "canary@example.test"
CANARIES = (USER, NETWORK, ADDRESS, MAIL, "secret-agent")


class TrackerMachine(RuleBasedStateMachine):
    """A tracker, a model of what it may do, and everything that ever left it or was stored."""

    @initialize(
        level=LEVELS,
        strategy=STRATEGIES,
        gpc=st.sampled_from(["drop", "anonymise", "ignore"]),
        dnt=st.sampled_from(["drop", "anonymise", "ignore"]),
        plugin=st.booleans(),
        ours=st.booleans(),
        get=st.booleans(),
    )
    def begin(
        self,
        level: Any,
        strategy: StorageStrategy,
        gpc: str,
        dnt: str,
        plugin: bool,
        ours: bool,
        get: bool,
    ) -> None:
        """Make the tracker."""
        self.folder = Path(tempfile.mkdtemp())
        self.bench = Bench()
        self.headers: dict[str, str] = {}
        self.jar: dict[str, str] = {}
        self.options: dict[str, Any] = {
            "anonymous_tracking": level,
            "state_storage_strategy": strategy.value,
            "respect_global_privacy_control": gpc,
            "respect_do_not_track": dnt,
            "opt_out_cookie": "out",
            "whiteout_collector": ours,
            "event_method": "get" if get else "post",
            "signals": RequestSignals(self._header, self.jar),
            "use_local_storage": None,
            "data_folder": self.folder,
            "max_queue_size": 3,
        }
        self.default = read_anonymity(level)
        self.strategy = strategy
        self.explicit: Anonymity | None = None
        self.consent = "unknown"
        self.allowed: dict[str, Anonymity] = {}
        self.waiting: set[str] = set()
        self.order: dict[str, int] = {}
        self.identified_ids: set[str] = set()
        self.views: dict[bool, set[str]] = {False: set(), True: set()}
        self.visits: dict[str, list[tuple[int, int]]] = {}
        self.tracker = self._make()
        self.seen = 0
        if plugin:
            self.tracker.add_global_contexts([lambda _: self._entity()])

    def teardown(self) -> None:
        """Remove files."""
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    def _header(self, name: str) -> list[str]:
        return [self.headers[name]] if name in self.headers else []

    def _make(self) -> Tracker:
        self.options["state_storage_strategy"] = self.strategy.value
        tracker = self.bench.tracker(**self.options)
        tracker.set_user_id(USER)
        tracker.set_network_user_id(NETWORK)
        tracker.set_ip_address(ADDRESS)
        tracker.set_useragent("secret-agent")
        return tracker

    def _entity(self) -> dict[str, Any]:
        return {
            "schema": "iglu:a.b/c/jsonschema/1-0-0",
            "data": {"userId": USER, "mail": MAIL, "n": 1},
        }

    @property
    def blocked(self) -> bool:
        """Whether the model says that events are dropped."""
        if self.jar.get("out"):
            return True
        if "dnt" in self.headers and self.options["respect_do_not_track"] != "ignore":
            return bool(self.options["respect_do_not_track"] == "drop")
        gpc = "sec-gpc" in self.headers and self.explicit is None
        return gpc and self.options["respect_global_privacy_control"] == "drop"

    @property
    def level(self) -> Anonymity:
        """The level that the model says holds."""
        wanted = self.explicit or self.default
        if self.explicit is None and self.consent == "granted":
            wanted = Anonymity(anonymous=False)
        if self.explicit is None and self.consent == "denied" and not wanted.anonymous:
            wanted = Anonymity(anonymous=True, server=True)
        dnt = "dnt" in self.headers and self.options["respect_do_not_track"] == "anonymise"
        gpc = (
            "sec-gpc" in self.headers
            and self.explicit is None
            and self.options["respect_global_privacy_control"] == "anonymise"
        )
        return Anonymity(
            anonymous=wanted.anonymous or dnt or gpc,
            session=wanted.session and self.strategy is not StorageStrategy.NONE,
            server=wanted.server or dnt or gpc,
        )

    def _noticed(self) -> None:
        """The tracker looked at what holds: what waits may hold no more than that (W23)."""
        now = self.level
        for event_id in self.waiting:
            before = self.allowed[event_id]
            if (now.anonymous and not before.anonymous) or (now.server and not before.server):
                server = now.server or before.server
                self.allowed[event_id] = Anonymity(anonymous=True, server=server)

    @rule(kind=st.sampled_from(["view", "struct", "self", "ping"]), old=st.booleans())
    def track(self, kind: str, old: bool) -> None:
        """Track an event that is full of identifiers."""
        self._arrived()
        context = [self._entity()]
        url = f"https://u:{USER}@shop.example.test/p?id={USER}&_sp={USER}.1#{MAIL}"
        time = int(self.bench.clock() * 1000) - 5000 if old else None
        call: Any = {
            "view": lambda: self.tracker.track_page_view(
                url, f"for {MAIL}", url, context=context, timestamp=time
            ),
            "struct": lambda: self.tracker.track_struct_event(
                "c", "a", f"of {MAIL}", context=context, timestamp=time
            ),
            "self": lambda: self.tracker.track_self_describing_event(
                self._entity(), timestamp=time
            ),
            "ping": lambda: self.tracker.track_page_ping(url, max_y=0, context=context),
        }[kind]
        level, blocked = self.level, self.blocked
        event_id = call()
        assert (event_id is None) == blocked
        if event_id is not None:
            self._noticed()
            self.allowed[event_id] = level
            self.order[event_id] = len(self.order)
            self.waiting.add(event_id)

    @rule(options=ANONYMOUS, strategy=MAYBE)
    def enable(self, options: Any, strategy: StorageStrategy | None) -> None:
        """Take identity away."""
        self._arrived()
        before = self.explicit or self._decided()
        self.tracker.enable_anonymous_tracking(
            options, state_storage_strategy=None if strategy is None else strategy.value
        )
        self.explicit = read_anonymity(True if options is None else options, before)
        self.strategy = strategy or self.strategy
        self._noticed_unless_blocked()

    def _decided(self) -> Anonymity:
        if self.consent == "granted":
            return Anonymity(anonymous=False)
        if self.consent == "denied" and not self.default.anonymous:
            return Anonymity(anonymous=True, server=True)
        return self.default

    @rule(strategy=MAYBE, new=st.booleans())
    def disable(self, strategy: StorageStrategy | None, new: bool) -> None:
        """Give identity back."""
        self._arrived()
        self.tracker.disable_anonymous_tracking(
            state_storage_strategy=None if strategy is None else strategy.value, new_session=new
        )
        self.explicit = Anonymity(anonymous=False)
        self.strategy = strategy or self.strategy
        self._noticed_unless_blocked()

    @rule(options=ANONYMOUS, more=ANONYMOUS, strategy=MAYBE, down=st.booleans())
    def there_and_back(
        self, options: Any, more: Any, strategy: StorageStrategy | None, down: bool
    ) -> None:
        """Identity comes and goes while events wait: what chance alone seldom finds."""
        self.collector(down)
        self.disable(strategy, new=False)
        self.track("struct", old=False)
        for level in (options, more):
            self.enable(level, None)
            self.track("view", old=False)
        self.collector(down=False)
        self.flush()

    @rule(consent=st.sampled_from(["granted", "denied", "unknown"]))
    def decide(self, consent: str) -> None:
        """A consent platform speaks."""
        self.tracker.set_consent(consent)
        self.consent = consent
        self._noticed_unless_blocked()

    @rule(user=st.booleans(), session=st.booleans())
    def clear(self, user: bool, session: bool) -> None:
        """Clear the visitor's data."""
        self.tracker.clear_user_data(preserve_user=user, preserve_session=session)

    @rule(name=st.sampled_from(["dnt", "sec-gpc"]), on=st.booleans())
    def signal(self, name: str, on: bool) -> None:
        """The browser changes its mind."""
        self.headers.pop(name, None)
        if on:
            self.headers[name] = "1"

    @rule(on=st.booleans())
    def opt_out(self, on: bool) -> None:
        """The visitor opts out, or in again."""
        self.jar.pop("out", None)
        if on:
            self.jar["out"] = "1"

    @rule(seconds=st.sampled_from([1, 100, 2_000]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.bench.clock.now += seconds

    @rule(down=st.booleans())
    def collector(self, down: bool) -> None:
        """The collector goes away, or comes back."""
        self.bench.collector.down = down

    @rule()
    def flush(self) -> None:
        """Send what waits."""
        self._noticed_unless_blocked()
        self.tracker.flush()

    @rule()
    def new_session(self) -> None:
        """Start a new session."""
        self.tracker.new_session()
        self._noticed_unless_blocked()

    @rule(level=LEVELS)
    def restart(self, level: Any) -> None:
        """The program ends, and begins again with another configuration."""
        self.tracker.close()
        self.options["anonymous_tracking"] = level
        self.default, self.explicit, self.consent = read_anonymity(level), None, "unknown"
        self.tracker = self._make()
        self._noticed_unless_blocked()

    def _noticed_unless_blocked(self) -> None:
        if not self.blocked:
            self._noticed()

    @invariant()
    def nothing_says_who(self) -> None:
        """No payload, header or stored byte holds what it may not."""
        self._arrived()
        for storage in (self.bench.cookies, self.bench.local):
            for name in storage.keys():  # noqa: SIM118
                value = storage.get(name) or ""
                assert not any(canary in value for canary in CANARIES)
                if "as." in name and value:
                    fields = value.split(".")
                    assert fields[0] == fields[6] == ""
        self._check_disk()

    def _arrived(self) -> None:
        """Look at what the collector got since the last time."""
        requests = self.bench.collector.requests
        for request in requests[self.seen :]:
            self._check(request)
        self.seen = len(requests)

    def _check(self, request: Received) -> None:
        assert "cookie" not in request.headers
        for event in request.events:
            level = self.allowed[event["eid"]]
            text = json.dumps([event, event.entities, event.self_describing])
            if level.anonymous:
                assert not event.keys() & {"duid", "uid", "tnuid", "nuid", "ip", "ua"}
                assert not [canary for canary in CANARIES if canary in text]
                assert not [one for one in self.identified_ids if one in text]
            else:
                self.identified_ids |= {event["duid"]} if "duid" in event else set()
            self._remember(event, level)
            if level.anonymous and not level.session:
                assert not event.keys() & {"sid", "vid"}
                assert event.entity("client_session") is None
            if level.server:
                assert request.headers["sp-anonymous"] == "*"
        levels = {self.allowed[event["eid"]].mode for event in request.events}
        assert len(levels) == 1 or all(not event.identifiers() for event in request.events)

    def _remember(self, event: SentEvent, level: Anonymity) -> None:
        """No page view is shared, and no session goes on once identity is taken away (W6, W8)."""
        self.waiting.discard(event["eid"])
        self.views[level.anonymous].add(str((event.entity("web_page") or {})["id"]))
        assert self.views[True].isdisjoint(self.views[False])
        if "sid" in event:
            self.visits.setdefault(event["sid"], []).append(
                (self.order[event["eid"]], level.anonymous + level.server)
            )
        for seen in self.visits.values():
            # A session may go on while protection weakens, never when it grows.
            assert [strength for _, strength in sorted(seen)] == sorted(
                (strength for _, strength in seen), reverse=True
            )

    def _check_disk(self) -> None:
        if not self.level.anonymous or self.blocked:
            return
        self.tracker.get_privacy_state()
        self._noticed()
        for file in self.folder.iterdir():
            content = file.read_bytes()
            assert not [canary for canary in CANARIES if canary.encode() in content]


TestTracker = TrackerMachine.TestCase
TestTracker.settings = settings(
    max_examples=100,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
