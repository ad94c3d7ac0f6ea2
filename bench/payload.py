"""The event that is measured: 1.5 KB, as a browser tracker sends it with three entities."""

from __future__ import annotations

import json
import uuid

_VENDOR = "iglu:com.snowplowanalytics.snowplow"


def event(number: int = 0) -> dict[str, str]:
    """One page view; `number` makes it differ from others, as it does among many visitors.

    Five events share a page, a thousand visitors come again and again.
    """
    user, session = str(uuid.UUID(int=number % 1000 + 1)), str(uuid.UUID(int=number % 5000 + 1))
    page = str(uuid.UUID(int=number // 5 + 1))
    entities = [
        {"schema": f"{_VENDOR}/web_page/jsonschema/1-0-0", "data": {"id": page}},
        {
            "schema": f"{_VENDOR}/browser_context/jsonschema/2-0-0",
            "data": {
                "viewport": "1280x720",
                "documentSize": "1280x2400",
                "resolution": "1920x1080",
                "colorDepth": 24,
                "devicePixelRatio": 1,
                "cookiesEnabled": True,
                "online": True,
                "browserLanguage": "en-GB",
                "documentLanguage": "en",
                "webdriver": False,
                "deviceMemory": 8,
                "hardwareConcurrency": 8,
                "tabId": str(uuid.UUID(int=number % 1000 + 9)),
            },
        },
        {
            "schema": f"{_VENDOR}/client_session/jsonschema/1-0-2",
            "data": {
                "userId": user,
                "sessionId": session,
                "eventIndex": number + 1,
                "sessionIndex": 2,
                "previousSessionId": None,
                "storageMechanism": "COOKIE_1",
                "firstEventId": str(uuid.UUID(int=11)),
                "firstEventTimestamp": "2026-01-01T10:00:00.000Z",
            },
        },
    ]
    return {
        "e": "pv",
        "url": f"https://www.example.com/shop/products/{number % 100}?utm_source=news&q=shoes",
        "page": "Shoes and more",
        "refr": "https://search.example.org/?q=shoes",
        "eid": str(uuid.uuid4()),
        "tv": "js-4.10.1",
        "tna": "sp",
        "aid": "shop",
        "p": "web",
        "cookie": "1",
        "cs": "UTF-8",
        "lang": "en-GB",
        "res": "1920x1080",
        "cd": "24",
        "tz": "Europe/Berlin",
        "dtm": "1767261600000",
        "vp": "1280x720",
        "ds": "1280x2400",
        "vid": "2",
        "sid": session,
        "duid": user,
        "co": json.dumps(
            {"schema": f"{_VENDOR}/contexts/jsonschema/1-0-0", "data": entities},
            separators=(",", ":"),
        ),
        "stm": "1767261600100",
    }


def body(count: int = 1, start: int = 0) -> bytes:
    """A POST body with `count` events."""
    envelope = {
        "schema": f"{_VENDOR}/payload_data/jsonschema/1-0-4",
        "data": [event(start + i) for i in range(count)],
    }
    return json.dumps(envelope, separators=(",", ":")).encode()
