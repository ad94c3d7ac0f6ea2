"""The way of an event, from the call to the queue (R108-R112; W2, W5, W13)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from whiteout.privacy import StorageStrategy
from whiteout.tracker import browser
from whiteout.tracker.draft import NOBODY, Draft, Identity, moment, texts
from whiteout.tracker.entities import entity_text
from whiteout.tracker.events import Event, PagePing, PageView
from whiteout.tracker.globals import ContextEvent, GlobalContexts
from whiteout.tracker.identity import Allowance
from whiteout.tracker.ids import new_id
from whiteout.tracker.items import Item, encoded
from whiteout.tracker.log import failed
from whiteout.tracker.options import Options
from whiteout.tracker.receipts import ClientSession
from whiteout.tracker.visitor import Visitor
from whiteout.tracker.waiting import Content

_TITLED = (PageView, PagePing)


def version() -> str:
    """Name and version of this library, as events carry them (`tv`, R113)."""
    # The package itself may not be imported from here: it is what imports this.
    package = sys.modules[__name__.partition(".")[0]]
    return f"whiteout-py-{package.__version__}"


class Way:
    """Makes events of what a program tracks, for one visitor."""

    def __init__(self, options: Options, visitor: Visitor, contexts: GlobalContexts) -> None:
        self._options = options
        self._visitor = visitor
        self._globals = contexts
        self._allowance = Allowance(
            traits=options.anonymous_fields == "full",
            url_parameters=options.anonymous_url_parameters,
        )
        self._base = texts(
            {
                "tv": version(),
                "tna": options.namespace,
                "aid": options.app_id,
                "p": options.platform,
            }
        )
        self._base64 = options.encode_base64
        self._callback = options.on_session_update_callback
        self._page = browser.facts()
        self._pairs: Mapping[str, str] | None = None
        self._titled: Mapping[str, str] = {}
        self._untitled: Mapping[str, str] = {}

    def content(self, event: Event, now: float) -> Content:
        """A copy of what an event says. Raises TypeError or ValueError for what cannot be sent."""
        described = event.self_describing()
        name, time = moment(event.timestamp, now)
        return Content(
            type(event),
            {"e": event.code, **texts(event.parameters())},
            "" if described is None else described[0],
            None if described is None else described[1],
            event.entities() if event.context is not None or described is not None else (),
            name,
            time,
        )

    def go(self, content: Content) -> str | None:
        """Track an event now; its id, None when it is not tracked."""
        visitor = self._visitor
        plugins = visitor.plugins.present or self._globals.present
        more: list[str] = []
        if plugins:
            with visitor.lock:
                # Before anything else: nobody is asked or told while events are dropped (W2).
                if not visitor.settle():
                    return None
            more = self._more(content)
        with visitor.lock:
            if not visitor.settle():
                return None
            draft = self._draft(content, more)
            tell = None if self._callback is None else self._untold()
            if not plugins:
                visitor.emitter.submit(
                    Item(
                        draft,
                        self._allowance,
                        visitor.owner(draft.identity.duid),
                        base64=self._base64,
                        keeps=visitor.keeps,
                    )
                )
        if tell is not None:
            self._tell(tell)
        if plugins and not self._with_plugins(draft):
            return None
        return draft.event_id

    def _more(self, content: Content) -> list[str]:
        """Entities of plugins, and global contexts."""
        parameters = {**self._base, **content.parameters}
        about = ContextEvent(parameters, content.parameters["e"], content.schema)
        found = [*self._visitor.plugins.contexts(), *self._globals.entities(about)]
        texts_: list[str] = []
        for one in found:
            try:
                texts_.append(entity_text(one))
            except (TypeError, ValueError) as error:
                failed("entity", error)
        return texts_

    def _draft(self, content: Content, more: list[str]) -> Draft:
        """Stamp an event with what holds at this moment."""
        visitor, options = self._visitor, self._options
        session = visitor.session
        level = session.level
        assert level is not None  # noqa: S101  # it was settled
        event_id = new_id()
        identity = NOBODY
        if session.has_ids:
            visit = session.count(event_id, content.time)
            entity = None
            if options.session_context and visitor.strategy is not StorageStrategy.NONE:
                entity = session.describe(visit)
            user = "" if level.anonymous else visit.user
            business = "" if level.anonymous else visitor.user_id or ""
            identity = Identity(user, visit.session, str(visit.count), business, entity)
        if content.event is PageView:
            visitor.view.view()
        return Draft(
            self._common(titled=content.event in _TITLED),
            content.parameters,
            content.self_describing,
            [*content.entities, *more] if more else content.entities,
            level,
            identity,
            event_id,
            content.time_name,
            content.time,
            visitor.view.current() if options.web_page else None,
            options.whiteout_collector,
            visitor.signal,
            options.app_version,
        )

    def _common(self, *, titled: bool) -> Mapping[str, str]:
        """What all events say, and what the program set by hand; a title with pages only (R117)."""
        pairs = self._visitor.pairs
        if pairs is not self._pairs or self._page is not None:
            self._pairs = pairs
            page = {} if self._page is None else self._page()
            self._titled = {**self._base, **page, **pairs}
            self._untitled = {n: text for n, text in self._titled.items() if n != "page"}
        return self._titled if titled else self._untitled

    def _untold(self) -> ClientSession | None:
        return None if self._callback is None else self._visitor.session.untold()

    def _tell(self, session: ClientSession) -> None:
        if self._callback is not None:
            try:
                self._callback(session)
            except Exception as error:  # noqa: BLE001  # a stranger's code
                failed("on_session_update_callback", error)

    def tell(self) -> None:
        """Tell the program about a session that it was not told of."""
        with self._visitor.lock:
            session = self._untold()
        if session is not None:
            self._tell(session)

    def _with_plugins(self, draft: Draft) -> bool:
        """Let plugins see an event before and after the gate; whether it was queued."""
        visitor = self._visitor
        parameters = draft.opened()
        visitor.plugins.before(parameters)
        plain = {name: text for name, text in parameters.items() if isinstance(text, str)}
        payload = draft.admitted(plain, self._allowance)
        if payload is None or not visitor.plugins.accept(payload):
            return False
        item = Item.built(
            encoded(payload) if self._options.encode_base64 else payload,
            draft.level.mode,
            owner=visitor.owner(draft.identity.duid),
            keeps=visitor.keeps,
        )
        with visitor.lock:
            # A plugin, or another thread, may have changed the level meanwhile.
            if visitor.blocked or visitor.level != draft.level:
                return False
            visitor.emitter.submit(item)
        visitor.plugins.after(dict(payload))
        return True


def preferences(basis: str, document: Mapping[str, str | None]) -> dict[str, Any]:
    """The data of the entity `gdpr` (R164). Raises ValueError for an unknown basis."""
    known = {
        "consent": "consent",
        "contract": "contract",
        "legalObligation": "legal_obligation",
        "vitalInterests": "vital_interests",
        "publicTask": "public_task",
        "legitimateInterests": "legitimate_interests",
    }
    value = known.get(basis, basis)
    if value not in known.values():
        raise ValueError("basis_for_processing must be one of " + ", ".join(known.values()))
    return {"basisForProcessing": value, **document}
