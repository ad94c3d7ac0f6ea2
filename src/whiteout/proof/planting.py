"""Canaries in every identifier that headers, parameters and JSON of a request can carry.

What has a row in the table of identifiers is planted from that table, so that a new row is tested
at once; what browsers and proxies send besides is listed here.
"""

from __future__ import annotations

import json
from typing import Any

from whiteout.privacy import BY_NAME, HEADERS, IDENTIFIERS, encode_base64url
from whiteout.proof.canaries import Canaries
from whiteout.protocol.iglu import CONTEXTS, PAYLOAD_DATA, SNOWPLOW, UNSTRUCT_EVENT

FORWARDING = BY_NAME["user_ipaddress"].headers
"""Headers in which proxies tell a visitor's address."""

NEVER_KEPT = "never kept"
"""Ends the channel of what no request may leave behind, identified or not (A-62, F-P2, F-P7)."""

_BESIDES = (
    *("DNT-ID", "From", "If-None-Match", "Remote-User", "Traceparent", "X-Amzn-Trace-Id"),
    *("X-Correlation-Id", "X-Device-Id", "X-Forwarded-Host", "X-Forwarded-User", "X-Request-Id"),
    *("Sec-CH-UA", "Sec-CH-UA-Full-Version-List", "Sec-CH-UA-Model", "Sec-CH-UA-Platform"),
)
_SPELLINGS = (
    *("userId", "user_id", "User-ID", "USER ID", "user.id", "currentUserId", "userId2"),
    *("emailAddress", "customer_email", "sessionId", "ipAddress", "accessToken", "deviceId"),
)
_MOBILE = f"iglu:{SNOWPLOW}/mobile_context/jsonschema/1-0-3"
_GENERIC = "iglu:com.example/profile/jsonschema/1-0-0"


class Planter:
    """Plants canaries for one kind of request, and names their channels after it."""

    def __init__(self, canaries: Canaries, shape: str) -> None:
        self._canaries = canaries
        self.shape = shape

    def text(self, place: str) -> str:
        """A word for a place."""
        return self._canaries.text(f"{self.shape}: {place}")

    def uuid(self, place: str) -> str:
        """A UUID for a place."""
        return self._canaries.uuid(f"{self.shape}: {place}")

    def number(self, place: str) -> str:
        """A number for a place; the same in every kind of request."""
        return self._canaries.number(place)

    def headers(self) -> list[tuple[str, str]]:
        """Every header that identifies, with the names in the spelling of proxies and browsers."""
        sent = [(name.title(), self._forwarded(name)) for name in FORWARDING]
        rest = sorted(HEADERS - set(FORWARDING) - {"cookie"})
        sent += [(name, self.text(f"header {name}, {NEVER_KEPT}")) for name in rest]
        sent += [(name, f'"{self.text(f"header {name}, {NEVER_KEPT}")}"') for name in _BESIDES]
        sent.append((f"X-{self.text(f'name of a header, {NEVER_KEPT}')}", "1"))
        sent.append(("Cookie", self.cookies()))
        sent.append(("User-Agent", f"Mozilla/5.0 (X11) {self.text('user agent')} Chrome/140.0"))
        sent.append(("Accept-Language", f"de-{self.text('accept-language')},en;q=0.5"))
        sent.append(("Referer", self.url("referer", path=True)))
        sent.append(("Origin", f"https://shop.example.test/{self.text('origin')}"))
        return sent

    def cookies(self) -> str:
        """A `Cookie` header: the collector's, the trackers', and others that do not concern us."""
        other = f"other cookies, {NEVER_KEPT}"
        state = f"{self.uuid(other)}.1700000000.3.1700000000.1699999999.{self.uuid(other)}"
        pairs = [f"_sp_id.1fff={state}", "_sp_ses.1fff=*", f"session={self.text(other)}"]
        pairs += [f"{self.text(f'name of a cookie, {NEVER_KEPT}')}=1"]
        names = {name for row in IDENTIFIERS for name in row.cookies} - {"sp", "_sp_id", "_sp_ses"}
        pairs += [f"{name}={self.text(other)}" for name in sorted(names)]
        return "; ".join([*pairs, f"sp={self.uuid('cookie sp')}"])

    def url(self, place: str, *, path: bool = False) -> str:
        """A URL that identifies in every part; in its path only where that is not kept either."""
        text, ids = self.text, {p for row in IDENTIFIERS for p in row.url_parameters} - {"_sp"}
        query = [f"utm_source=news&email={text(f'{place}, query')}%40example.test"]
        query += [f"{name}={text(f'{place}, query {name}')}" for name in sorted(ids)]
        query += [f"{text(f'{place}, name in query')}=1"]
        query += [f"_sp={self.uuid(f'{place}, _sp')}.1700000000000"]
        return (
            f"https://{text(f'{place}, user')}:{text(f'{place}, password')}@shop.example.test"
            f"/checkout{f'/{text(place)}' if path else ''}"
            f";jsessionid={text(f'{place}, path parameter')}?{'&'.join(query)}"
            f"#{text(f'{place}, fragment')}"
        )

    def parameters(self) -> dict[str, str]:
        """Every parameter of the tracker protocol that identifies, with values that are valid."""
        return {
            "uid": self.text("uid"),
            "duid": self.uuid("duid"),
            "sid": self.uuid("sid"),
            "vid": self.number("vid"),
            "nuid": self.uuid("nuid"),
            "tnuid": self.uuid("tnuid"),
            "ip": self._canaries.ipv6("ip"),
            "fp": self.text("fp"),
            "mac": self.text("mac"),
            "ad_uid": self.text("ad_uid"),
            "ua": f"Mozilla/5.0 (X11) {self.text('ua')} Chrome/140.0",
            "url": self.url("url"),
            "refr": self.url("refr"),
        }

    def event(self, app_id: str, **more: str) -> dict[str, str]:
        """A whole page view with every parameter that identifies."""
        own = {"e": "pv", "p": "web", "tv": "canary-1", "aid": app_id, "page": "Checkout"}
        return {**own, **self.parameters(), **more}

    def session_entities(self) -> list[dict[str, Any]]:
        """The entities of the official tracker, valid against their schemas."""
        session = {
            "userId": self.uuid("client_session.userId"),
            "sessionId": self.uuid("client_session.sessionId"),
            "sessionIndex": int(self.number("client_session.sessionIndex")),
            "eventIndex": 1,
            "previousSessionId": self.uuid("client_session.previousSessionId"),
            "storageMechanism": "COOKIE_1",
            "firstEventId": self.uuid("client_session.firstEventId"),
            "firstEventTimestamp": "2026-11-24T06:00:00.000Z",
        }
        browser = {
            "viewport": "1280x720",
            "documentSize": "1280x720",
            "resolution": "1280x720",
            "colorDepth": 24,
            "devicePixelRatio": 1,
            "cookiesEnabled": True,
            "online": True,
            "browserLanguage": "en",
            "documentLanguage": "en",
            "webdriver": False,
            "deviceMemory": 8,
            "hardwareConcurrency": 2,
            "tabId": self.uuid("browser_context.tabId"),
        }
        return [
            {"schema": f"iglu:{SNOWPLOW}/client_session/jsonschema/1-0-2", "data": session},
            {"schema": f"iglu:{SNOWPLOW}/browser_context/jsonschema/2-0-0", "data": browser},
            {"schema": _GENERIC, "data": self.json()},
        ]

    def identifying_entities(self) -> list[dict[str, Any]]:
        """Every entity that identifies as a whole, and a mobile device."""
        kinds = sorted({kind for row in IDENTIFIERS for kind in row.entities})
        entities = [
            {
                "schema": f"iglu:{vendor}/{name}/jsonschema/1-0-0",
                "data": {"value": self.text(f"entity {name}"), "name": "x"},
            }
            for vendor, name in kinds
        ]
        fields = [p.field for p in BY_NAME["device_id"].entity_fields if p.name == "mobile_context"]
        device = {field: self.uuid(f"mobile_context.{field}") for field in fields}
        phone = {"osType": "ios", "osVersion": "18", "deviceManufacturer": "x", "deviceModel": "x"}
        return [*entities, {"schema": _MOBILE, "data": {**phone, **device}}]

    def json(self) -> dict[str, Any]:
        """JSON of a site's own making: every name that gives an identifier away, nested and not."""
        keys = {key: self.text(f"json key {key}") for row in IDENTIFIERS for key in row.json_keys}
        keys |= {
            f"my-{end}": self.text(f"json {end}") for r in IDENTIFIERS for end in r.json_endings
        }
        keys |= {name: self.text(f"json key {name}") for name in _SPELLINGS}
        return {
            "items": 3,
            **keys,
            "deep": [{"list": [{"Uid": self.text("nested json key")}]}, [[{"ip": 1, **keys}]]],
            "email": [self.text("list behind a json key"), {"x": self.text("json in a json key")}],
            "pageUrl": self.url("json url"),
            "links": ["/a", self.url("url in a list")],
            "contact": f"mailto:{self.text('mailto')}@example.test",
            "note": f"ask {self.text('e-mail in text')}@example.test about it",
        }

    def contexts(self, entities: list[dict[str, Any]]) -> str:
        """Entities as they stand in the parameter `co`."""
        return json.dumps({"schema": CONTEXTS, "data": entities})

    def unstruct(self) -> str:
        """A self-describing event as it stands in the parameter `ue_pr`."""
        return json.dumps(
            {"schema": UNSTRUCT_EVENT, "data": {"schema": _GENERIC, "data": self.json()}}
        )

    def _forwarded(self, name: str) -> str:
        place = f"header {name}, {NEVER_KEPT}"
        if name == "forwarded":
            return f'for="[{self._canaries.ipv6(place)}]:4711";proto=https'
        if name == "via":
            return f"1.1 {self.text(place)}.example.test (proxy)"
        return f"{self._canaries.ipv4(place)}, {self._canaries.ipv6(place)}"


def encoded(text: str) -> str:
    """JSON text as base64url, as it stands in the parameters `cx` and `ue_px`."""
    return encode_base64url(text.encode()).decode()


def envelope(*events: object) -> bytes:
    """The body of a POST with these events."""
    return json.dumps({"schema": PAYLOAD_DATA, "data": events}, ensure_ascii=False).encode()
