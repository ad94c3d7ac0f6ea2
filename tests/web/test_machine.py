"""Whatever visitors decide, request by request, nothing holds what their mode forbids (R179)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.tracker.support import BOTH, SERVER, SESSION, Clock
from tests.web.support import Browser, tracking
from whiteout.privacy import Anonymity
from whiteout.testing import MemoryCollector, Received
from whiteout.tracker.anonymity import read_anonymity
from whiteout.web import WsgiMiddleware, request_tracker

LEVELS = st.sampled_from([False, True, SESSION, SERVER, BOTH])
STRATEGIES = st.sampled_from(["cookieAndLocalStorage", "cookie", "none"])
USER, MAIL, ADDRESS, AGENT = "user-canary", "canary@example.test", "203.0.113.9", "agent-canary"
IDENTITY = Anonymity(anonymous=False)
CANARIES = (USER, MAIL, ADDRESS, AGENT)
POLICIES = st.sampled_from(["drop", "anonymise", "ignore"])
DURING = st.sampled_from(
    ["nothing", "granted", "denied", "clear", "session", "disable", "enable", "opt out later"]
)


class WebMachine(RuleBasedStateMachine):
    """One visitor of a site, a model of what may be known, and everything that leaves the site."""

    @initialize(level=LEVELS, strategy=STRATEGIES, gpc=POLICIES, dnt=POLICIES, views=st.booleans())
    def begin(self, level: Any, strategy: str, gpc: str, dnt: str, views: bool) -> None:
        """Open the site."""
        self.clock = Clock()
        self.collector = MemoryCollector()
        self.browser = Browser()
        self.headers: dict[str, str] = {}
        self.consent = "unknown"
        self.default, self.stored = read_anonymity(level), strategy != "none"
        self.policies = {"sec-gpc": gpc, "dnt": dnt}
        self.allowed: dict[str, Anonymity] = {}
        self.ends: dict[str, Anonymity | None] = {}
        self.known: set[str] = set()
        self.seen = 0
        self.tracking = tracking(
            self.collector,
            lambda _: self.consent,
            page_views=views,
            anonymous_tracking=level,
            state_storage_strategy=strategy,
            respect_global_privacy_control=gpc,
            respect_do_not_track=dnt,
            opt_out_cookie="out",
            cookie_domain="example.test",
            clock=self.clock,
        )
        self.app = WsgiMiddleware(self._page, tracking=self.tracking)

    def _level(self, explicit: Anonymity | None, consent: str) -> Anonymity | None:
        """What the model says that an event may hold; None when there must be none."""
        dnt = "dnt" in self.headers and self.policies["dnt"]
        gpc = "sec-gpc" in self.headers and explicit is None and self.policies["sec-gpc"]
        # Do Not Track is asked first, and only a signal that acts stands in the other's way.
        acting = dnt if dnt not in (False, "ignore") else gpc
        if self.browser.cookies.get("out") or acting == "drop":
            return None
        wanted = explicit or self.default
        if explicit is None and consent == "granted":
            wanted = IDENTITY
        if explicit is None and consent == "denied" and not wanted.anonymous:
            wanted = Anonymity(anonymous=True, server=True)
        asked = acting == "anonymise"
        return Anonymity(
            anonymous=wanted.anonymous or asked,
            session=wanted.session and self.stored,
            server=wanted.server or asked,
        )

    def _page(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Track before and after something happens."""
        tracker = request_tracker()
        explicit, consent, during = None, self.consent, environ["during"]
        self._track(tracker, self._level(explicit, consent))
        if during in ("granted", "denied"):
            tracker.set_consent(during)
            consent = during
        elif during == "clear":
            tracker.clear_user_data()
        elif during == "session":
            tracker.new_session()
        elif during == "disable":
            tracker.disable_anonymous_tracking()
            explicit = IDENTITY
        elif during == "enable":
            tracker.enable_anonymous_tracking(SERVER)
            before = explicit or (IDENTITY if consent == "granted" else self.default)
            if consent == "denied" and not self.default.anonymous:
                before = Anonymity(anonymous=True, server=True)
            explicit = read_anonymity(SERVER, before)
        self._track(tracker, self._level(explicit, consent))
        self.last = self._level(explicit, consent)
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<p>"]

    def _track(self, tracker: Any, level: Anonymity | None) -> None:
        tracker.set_user_id(USER)
        tracker.set_network_user_id(USER)
        context = [
            {"schema": "iglu:a.b/c/jsonschema/1-0-0", "data": {"mail": MAIL, "userId": USER}}
        ]
        event_id = tracker.track_struct_event("shop", "looked", f"by {MAIL}", context=context)
        assert (event_id is None) == (level is None)
        if level is not None:
            self.allowed[event_id] = level

    @rule(during=DURING)
    def visit(self, during: str) -> None:
        """A request, whose page tracks twice."""
        environ: dict[str, Any] = {
            "PATH_INFO": "/p",
            "QUERY_STRING": f"mail={MAIL}",
            "REMOTE_ADDR": ADDRESS,
            "HTTP_HOST": "www.shop.example.test",
            "HTTP_USER_AGENT": AGENT,
            "HTTP_REFERER": f"https://from.test/?id={USER}",
            "during": during,
        }
        environ |= {f"HTTP_{name.upper().replace('-', '_')}": "1" for name in self.headers}
        if self.browser.cookies:
            environ["HTTP_COOKIE"] = self.browser.header
        self.clock.now += 1
        setup_testing_defaults(environ)
        environ["wsgi.input"] = io.BytesIO()
        cookies: list[str] = []

        def start_response(_status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            cookies.extend(value for name, value in headers if name == "Set-Cookie")

        answer = self.app(environ, start_response)
        assert b"".join(answer) == b"<p>"
        answer.close()  # type: ignore[attr-defined]
        self.ends[str(int(self.clock.now * 1000))] = self.last
        self._cookies(cookies)
        self.browser.take(cookies)
        if during == "opt out later":
            self.browser.cookies["out"] = "1"

    def _cookies(self, cookies: list[str]) -> None:
        """An answer sets what the mode allows: an identified visitor's, an anonymous session's."""
        level = self.last
        for cookie in cookies:
            assert not [canary for canary in CANARIES if canary in cookie]
            name, _, value = cookie.partition(";")[0].partition("=")
            if not value:
                continue
            assert level is not None
            assert self.stored
            assert "HttpOnly" not in cookie
            if level.anonymous:
                assert level.session
                assert name.startswith("_sp_as.")
                fields = value.split(".")
                assert fields[0] == fields[6] == ""
            else:
                assert name.startswith(("_sp_id.", "_sp_ses."))

    @rule(consent=st.sampled_from(["granted", "denied", "unknown", "nonsense"]))
    def decide(self, consent: str) -> None:
        """The visitor decides; what is no decision is a refusal."""
        self.consent = consent if consent != "nonsense" else "denied"

    @rule(name=st.sampled_from(["dnt", "sec-gpc"]), on=st.booleans())
    def signal(self, name: str, on: bool) -> None:
        """The browser changes its mind."""
        self.headers.pop(name, None)
        if on:
            self.headers[name] = "1"

    @rule()
    def opt_in(self) -> None:
        """The visitor takes an opt-out back."""
        self.browser.cookies.pop("out", None)

    @rule(value=st.sampled_from([USER, f"{USER}.1.1.1.1.{USER}", "%E0%A4%A", "." * 9, "1.2.3"]))
    def forge(self, value: str) -> None:
        """Somebody writes into the cookies; nothing of it is ever an id (W26)."""
        for name in list(self.browser.cookies):
            if name.startswith("_sp_"):
                self.browser.cookies[name] = value

    @rule(seconds=st.sampled_from([1, 100, 2_000]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.clock.now += seconds

    @rule(down=st.booleans())
    def outage(self, down: bool) -> None:
        """The collector goes away, or comes back and gets what waits."""
        self.collector.down = down
        self.tracking.flush()

    @invariant()
    def nothing_says_who(self) -> None:
        """No payload or header holds what was forbidden when its event was tracked."""
        for request in self.collector.requests[self.seen :]:
            self._check(request)
        self.seen = len(self.collector.requests)

    def _check(self, request: Received) -> None:
        assert not request.headers.keys() & {"cookie", "x-forwarded-for", "referer"}
        for event in request.events:
            # A page view belongs to the end of its request, of which there is one each second.
            level = self.allowed.get(event["eid"]) or self.ends[event["dtm"]]
            assert level is not None
            text = json.dumps([event, event.entities])
            if level.anonymous:
                assert not event.keys() & {"duid", "uid", "tnuid", "nuid", "ip", "ua"}
                assert not [canary for canary in CANARIES if canary in text]
                assert not [one for one in self.known if one in text]
            elif "duid" in event:
                assert event["duid"] != USER
                self.known.add(event["duid"])
            if level.anonymous and not level.session:
                assert not event.keys() & {"sid", "vid"}
                assert event.entity("client_session") is None
            if level.server:
                assert request.headers["sp-anonymous"] == "*"


TestWeb = WebMachine.TestCase
TestWeb.settings = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
