"""Records, settings and rows as the tests of enrichment need them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from whiteout.enrich import (
    AddressMask,
    DerivedSettings,
    Enriched,
    Enricher,
    EnrichSettings,
    PiiSettings,
    parse_rules,
)
from whiteout.privacy import UrlRules, scrub_event
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS
from whiteout.protocol.parameters import PAYLOAD_NAMES
from whiteout.protocol.record import (
    AnonymousEvent,
    AnonymousRequest,
    IdentifiedRequest,
    encode_anonymous,
    encode_identified,
)
from whiteout.schemas import SchemaRegistry

NOW = 1_795_501_201_000
RECEIVED = 1_795_501_200_789
TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = "application/json; charset=UTF-8"
SNOWPLOW = "iglu:com.snowplowanalytics.snowplow"
CONTEXTS = f"{SNOWPLOW}/contexts/jsonschema/1-0-0"
UNSTRUCT = f"{SNOWPLOW}/unstruct_event/jsonschema/1-0-0"
WEB_PAGE = f"{SNOWPLOW}/web_page/jsonschema/1-0-0"
CLIENT_SESSION = f"{SNOWPLOW}/client_session/jsonschema/1-0-2"
LINK_CLICK = f"{SNOWPLOW}/link_click/jsonschema/1-0-1"
PRIVACY_STATE = "iglu:io.whiteout/privacy_state/jsonschema/1-0-0"
UUID = "1f1b8a1e-0b1a-4c0e-9d6a-0f4a3c1f0c11"
OTHER_UUID = "2f1b8a1e-0b1a-4c0e-9d6a-0f4a3c1f0c22"
PAGE_VIEW = {"e": "pv", "p": "web", "tv": "js-4.10.1"}

Entity = dict[str, Any]
Row = dict[str, Any]

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

_DAY = 86_400_000
_SCHEMAS = SchemaRegistry()


class Keys:
    """Keys of pseudonyms in memory, one a day, that are never destroyed."""

    def key(self, received: int, now: int) -> bytes:
        """The key of the day."""
        return b"%d" % (received // _DAY)

    def tidy(self, now: int) -> None:
        """Keep everything."""


def pii(*rules: str, **settings: Any) -> PiiSettings:
    """Settings of pseudonymisation with these rules."""
    return PiiSettings(parse_rules(rules), Keys(), **settings)


EVERYTHING: dict[str, Any] = {
    "url_rules": UrlRules(frozenset({"q", "token"}), frozenset({"email"})),
    "mask": AddressMask(1, 6),
    "derived": DerivedSettings(
        click_networks=(("fbclid", "Meta"),), click_ids=True, internal_hosts=("b.example",)
    ),
    "pii": pii(
        *("user_id=pseudonymise", "domain_userid=redact", "user_ipaddress=coarsen"),
        *("page_title=redact", "useragent=coarsen", "network_userid=pseudonymise"),
        f"contexts {CLIENT_SESSION.replace('1-0-2', '1-*-*')} $.userId=pseudonymise",
        f"unstruct_event {LINK_CLICK} $..targetUrl=coarsen",
    ),
}
"""Settings with every enrichment in use."""


def enricher(**settings: Any) -> Enricher:
    """An enricher with the bundled schemas."""
    return Enricher(EnrichSettings(v_collector="wo-c-1", v_etl="wo-e-1", **settings), _SCHEMAS)


_DEFAULT = enricher()


def enrich(raw: bytes, **settings: Any) -> Enriched:
    """The rows of a record."""
    return (enricher(**settings) if settings else _DEFAULT).enrich(raw, NOW)


def columns(row: tuple[Any, ...]) -> Row:
    """An event row by column."""
    assert len(row) == len(EVENT_COLUMNS)
    return dict(zip((c.name for c in EVENT_COLUMNS), row, strict=True))


def failed_columns(row: tuple[Any, ...]) -> Row:
    """A failed row by column, its errors and its payload read."""
    assert len(row) == len(FAILED_COLUMNS)
    result = dict(zip((c.name for c in FAILED_COLUMNS), row, strict=True))
    result["errors"] = json.loads(result["errors"])
    result["payload"] = None if result["payload"] is None else json.loads(result["payload"])
    return result


def good(raw: bytes, **settings: Any) -> Row:
    """The one event of a record, in which nothing failed."""
    enriched = enrich(raw, **settings)
    assert enriched.failed == []
    assert len(enriched.events) == 1
    return columns(enriched.events[0])


def bad(raw: bytes, **settings: Any) -> Row:
    """The one failed event of a record, in which nothing else was."""
    enriched = enrich(raw, **settings)
    assert enriched.events == []
    assert len(enriched.failed) == 1
    return failed_columns(enriched.failed[0])


def envelope(*events: Any, schema: str = f"{SNOWPLOW}/payload_data/jsonschema/1-0-4") -> bytes:
    """A POST body."""
    return json.dumps({"schema": schema, "data": list(events)}).encode()


def record(body: bytes | None, **request: Any) -> bytes:
    """An identified record."""
    values = {"received": RECEIVED, "path": TP2, "content_type": JSON, **request}
    return encode_identified(IdentifiedRequest(**values), body, msgspec.json.encode)


def post(*events: Any, **request: Any) -> bytes:
    """An identified POST of events, each of them complete."""
    return record(envelope(*events), **request)


def page_view(**parameters: Any) -> bytes:
    """An identified POST of a page view with these parameters."""
    return post({**PAGE_VIEW, **parameters})


def get(query: str, path: str = "/i", **request: Any) -> bytes:
    """An identified GET."""
    return record(None, path=path, query=query, content_type=None, **request)


def entity(schema: str, data: Any) -> Entity:
    """A self-describing JSON."""
    return {"schema": schema, "data": data}


def contexts(*entities: Any, schema: str = CONTEXTS) -> str:
    """The parameter `co`."""
    return json.dumps(entity(schema, list(entities)))


def unstruct(schema: str, data: Any) -> str:
    """The parameter `ue_pr`."""
    return json.dumps(entity(UNSTRUCT, entity(schema, data)))


def encoded(text: str) -> str:
    """Text as base64url without padding."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def session(**members: Any) -> Entity:
    """A `client_session` entity."""
    data = {
        "userId": UUID,
        "sessionId": OTHER_UUID,
        "sessionIndex": 3,
        "storageMechanism": "COOKIE_1",
        **members,
    }
    return entity(CLIENT_SESSION, data)


def scrubbed(parameters: Mapping[str, Any], **options: Any) -> AnonymousEvent:
    """An event as the collector writes it into an anonymous record."""
    kept = scrub_event(parameters, PAYLOAD_NAMES, **options)
    return AnonymousEvent(
        kept.parameters,
        redacted=sorted(kept.redacted),
        user=kept.user,
        session=kept.session,
        problems=kept.problems,
    )


def anonymous(*events: AnonymousEvent, **request: Any) -> bytes:
    """An anonymous POST record."""
    values: dict[str, Any] = {
        "received": RECEIVED,
        "signals": ["sp-anonymous"],
        "vendor": "com.snowplowanalytics.snowplow",
        "version": "tp2",
        "content_type": "application/json",
        "body_length": 1_000,
        "events": list(events),
        **request,
    }
    return encode_anonymous(AnonymousRequest(**values), msgspec.json.encode)
