"""One visitor of a web application, for the time of one request (R177-R179).

The tracker is made when somebody first asks for it: a request in which nothing is tracked reads and
writes no cookie.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from whiteout.privacy import Anonymity
from whiteout.privacy.consent import Consent
from whiteout.tracker import Options, RequestSignals, Tracker
from whiteout.tracker.cookies import Change, plain_host
from whiteout.tracker.emitter import Emitter
from whiteout.tracker.places import Places
from whiteout.tracker.storage import NullStorage
from whiteout.tracker.visitor import Visitor
from whiteout.web.cookies import CookieStorage, domain_of
from whiteout.web.facts import RequestFacts

logger = logging.getLogger("whiteout.web")


class RequestTracker(Tracker):
    """The tracker of one request. It shares its queue with all others.

    Address and user agent of the visitor are told only while identified, and `address` is asked
    only then; a user id that is set while anonymous is refused, with a warning.
    """

    def __init__(
        self,
        options: Options,
        visitor: Visitor,
        consent: Consent,
        facts: RequestFacts,
        address: Callable[[], str | None],
    ) -> None:
        self._facts, self._address = facts, address
        visitor.decide(consent)
        self._begin(options, visitor)
        self.set_custom_url(facts.url)
        self.set_referrer_url(facts.header("referer"))
        language = (facts.header("accept-language") or "").partition(",")[0].partition(";")[0]
        self.set_lang(language.strip() or None)
        self._introduce()

    def _introduce(self) -> None:
        level = self._visitor.level
        if level is not None and not level.anonymous:
            self.set_ip_address(self._address())
            self.set_useragent(self._facts.header("user-agent"))

    @property
    def wanted_level(self) -> Anonymity:
        """The level that the visitor's page shall have; the page reads signals itself."""
        return self._visitor.gate.wanted

    @property
    def cookies_in_use(self) -> set[str]:
        """Names of the cookies that the level has (R23, contract 5)."""
        level, places = self._visitor.level, self._visitor.places
        if level is None:
            return set()
        if not level.anonymous:
            return {places.name("id"), places.name("ses")}
        return {places.name("as")} if level.session else set()

    def set_user_id(self, user_id: str | None) -> None:
        """The site's own id of the user; refused while anonymous."""
        level = self._visitor.level
        if user_id is not None and (level is None or level.anonymous):
            logger.warning("a user id is refused: this visitor is tracked anonymously")
            return
        super().set_user_id(user_id)

    def disable_anonymous_tracking(self, **options: Any) -> None:
        """Give identity back from now on (contract 4)."""
        super().disable_anonymous_tracking(**options)
        self._introduce()

    def set_consent(self, consent: Consent | str | bool | None) -> None:  # noqa: FBT001
        """What the visitor decided during this request."""
        super().set_consent(consent)
        self._introduce()


class Visit:
    """A request, its tracker once somebody asks for it, and the cookies for its response."""

    def __init__(
        self,
        options: Options,
        emitter: Emitter,
        facts: RequestFacts,
        consent: Callable[[], Consent],
        address: Callable[[], str | None],
    ) -> None:
        self._options = options
        self._emitter = emitter
        self.facts = facts
        self._consent = consent
        self._address = address
        self._cookies: CookieStorage | None = None
        self._tracker: RequestTracker | None = None

    @property
    def tracker(self) -> RequestTracker:
        """The tracker of the request."""
        if self._tracker is None:
            self._tracker = self._make()
        return self._tracker

    def _make(self) -> RequestTracker:
        options, facts = self._options, self.facts
        host = plain_host(facts.host)
        domain = domain_of(facts.cookies, host, options)
        self._cookies = CookieStorage(facts.cookies, options, host, domain)
        places = Places(
            self._cookies,
            NullStorage(),
            prefix=options.cookie_name,
            domain=domain.hashed,
            path=options.cookie_path,
        )
        visitor = Visitor(
            options,
            places,
            self._emitter,
            signals=RequestSignals(facts.headers, facts.cookies),
            shared=True,
            soon=lambda _, __: None,
        )
        return RequestTracker(options, visitor, self._consent(), facts, self._address)

    def changes(self) -> list[Change]:
        """The cookies that the response changes; asked for when its head is about to leave.

        It sets none that the level does not use by now, whatever was tracked before (contract 3).
        """
        if self._tracker is None or self._cookies is None:
            return []
        self._tracker.settle_state()
        usable = self._tracker.cookies_in_use
        return [
            change
            for change in self._cookies.changes()
            if change.value is None or change.name in usable
        ]

    def end(self) -> None:
        """The request is over: what waits for consent goes out anonymously."""
        if self._tracker is not None:
            self._tracker.give_up_waiting()
