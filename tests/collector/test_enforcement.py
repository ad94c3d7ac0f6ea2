"""Requests that are anonymised although they do not ask for it (A-52, E-20)."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, EVENT, JSON, TP2, Edge, envelope
from whiteout.collector import CollectorSettings, Enforcement, EnforcementSettings, Request
from whiteout.collector.enforcement import Enforcer
from whiteout.privacy import encode_base64url

HEADER, ALWAYS, UNLESS = Enforcement.HEADER, Enforcement.ALWAYS, Enforcement.UNLESS_CONSENT
GDPR = "iglu:com.snowplowanalytics.snowplow/gdpr/jsonschema/1-0-0"
CONTEXTS = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0"
COOKIE = ("consent", re.compile("granted|yes"))
GRANTED = ("Cookie", "a=b; consent=granted")
BY_COOKIE = EnforcementSettings(UNLESS, cookie=COOKIE)
BY_DOCUMENT = EnforcementSettings(UNLESS, documents=frozenset({"privacy-2026"}))


def settings(enforcement: EnforcementSettings) -> CollectorSettings:
    """Settings with this enforcement."""
    return CollectorSettings(enforcement=enforcement)


def gdpr(basis: object = "consent", document: object = "privacy-2026", **more: Any) -> str:
    """Entities with one that tells the legal basis."""
    data = {"basisForProcessing": basis, "documentId": document, **more}
    return json.dumps({"schema": CONTEXTS, "data": [{"schema": GDPR, "data": data}]})


def consenting(**more: Any) -> dict[str, Any]:
    """An event that proves consent."""
    return {**EVENT, "co": gdpr(), **more}


def is_identified(edge: Edge) -> bool:
    """Whether the only record is of an identified request."""
    (raw,) = edge.raw()
    return raw.startswith(b"W1I")


async def test_a_52_always(start: Start) -> None:
    """A-52: with `always` every request is anonymous, and the policy is told as the reason."""
    edge = start(settings(EnforcementSettings(ALWAYS)))
    reply = await edge.post(("Cookie", "sp=abc"))
    assert reply.all("set-cookie") == []
    assert edge.anonymous().signals == ["policy"]


@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
@pytest.mark.parametrize(
    ("cookie", "identified"),
    [
        ("consent=granted", True),
        ("x=y; consent=yes", True),
        ("consent=denied", False),
        ("consent=granted.not", False),
        ("Consent=granted", False),
        ("", False),
    ],
)
async def test_a_52_unless_a_cookie_proves_consent(
    start: Start, method: str, cookie: str, identified: bool
) -> None:
    """A-52: the cookie counts by its exact name and its whole value; without it, no consent."""
    edge = start(settings(BY_COOKIE))
    headers = [("Cookie", cookie)] if cookie else []
    reply = await edge.request(method, f"{TP2}?e=pv", JSON, *headers, body=envelope(EVENT))
    assert reply.status == 200
    assert is_identified(edge) is identified
    assert bool(reply.all("set-cookie")) is identified


@pytest.mark.parametrize("asks", [ANONYMOUS, ("Sec-GPC", "1")])
async def test_a_52_consent_weakens_no_signal(start: Start, asks: tuple[str, str]) -> None:
    """Contract 7: who asks for anonymity gets it, whatever they consented to."""
    edge = start(settings(BY_COOKIE))
    await edge.post(asks, GRANTED)
    assert "policy" not in edge.anonymous().signals


@pytest.mark.parametrize("header", [("Sec-GPC", "0"), ("DNT", "1")])
async def test_a_52_a_signal_that_does_not_count_is_no_consent(
    start: Start, header: tuple[str, str]
) -> None:
    """A-52: a header that asks for nothing leaves the decision where it was."""
    edge = start(settings(BY_COOKIE))
    await edge.post(header)
    assert edge.anonymous().signals == ["policy"]


@pytest.mark.parametrize(
    ("event", "identified"),
    [
        (consenting(), True),
        ({**EVENT, "cx": encode_base64url(gdpr().encode()).decode()}, True),
        ({**EVENT, "co": gdpr("contract")}, False),
        ({**EVENT, "co": gdpr(document="another")}, False),
        ({**EVENT, "co": gdpr(document=None)}, False),
        ({**EVENT, "co": gdpr(document=["privacy-2026"])}, False),
        ({**EVENT, "co": gdpr(True)}, False),
        ({**EVENT, "co": gdpr().replace("1-0-0", "2-0-0", 1).replace(GDPR, "x")}, False),
        ({**EVENT, "co": gdpr().replace("snowplow/gdpr", "evil/gdpr")}, False),
        ({**EVENT, "co": gdpr()[:-1]}, False),
        ({**EVENT, "co": "[" * 5_000}, False),
        ({**EVENT, "co": json.loads(gdpr())}, False),
        ({**EVENT, "cx": gdpr()}, False),
        ({"e": "ue", "ue_pr": gdpr()}, False),
        (EVENT, False),
    ],
)
async def test_e_20_an_entity_that_proves_consent(
    start: Start, event: dict[str, Any], identified: bool
) -> None:
    """E-20: the entity `gdpr` with the basis consent and a configured document, nothing less."""
    edge = start(settings(BY_DOCUMENT))
    await edge.post(body=envelope(event))
    assert is_identified(edge) is identified


async def test_e_20_every_event_of_a_request(start: Start) -> None:
    """E-20, S11: one event without proof makes its whole request anonymous."""
    edge = start(settings(BY_DOCUMENT))
    await edge.post(body=envelope(consenting(), EVENT))
    assert len(edge.anonymous().events) == 2


async def test_e_20_an_entity_in_a_query(start: Start) -> None:
    """E-20: a GET proves consent as a POST does."""
    edge = start(settings(BY_DOCUMENT))
    await edge.get(target=f"/i?e=pv&co={quote(gdpr())}")
    assert is_identified(edge)


async def test_e_20_the_query_of_a_post_decides_as_the_pipeline_does(start: Start) -> None:
    """E-20, B-17: entities in the query replace those of every event, so they count here too."""
    edge = start(settings(BY_DOCUMENT))
    await edge.post(target=f"{TP2}?co={quote(gdpr('contract'))}", body=envelope(consenting()))
    assert not is_identified(edge)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", envelope(1), envelope(), b"\xff"])
async def test_e_20_what_cannot_be_read_proves_nothing(start: Start, body: bytes) -> None:
    """E-20, contract 11: an unreadable request is anonymous, so nothing of it is kept."""
    edge = start(settings(BY_DOCUMENT))
    await edge.post(body=body)
    assert edge.anonymous().signals == ["policy"]


@pytest.mark.parametrize(
    ("path", "anonymous"), [(TP2, False), ("/shop/track", True), ("/i", False)]
)
async def test_a_52_by_path(start: Start, path: str, anonymous: bool) -> None:
    """A-52: a path can have an enforcement of its own, by the name that it is requested under."""
    enforcement = EnforcementSettings(paths={"/shop/track": ALWAYS})
    edge = start(CollectorSettings(enforcement=enforcement, paths={"/shop/track": TP2}))
    await edge.get(target=f"{path}?e=pv")
    assert is_identified(edge) is not anonymous


async def test_a_52_a_path_may_ask_for_less(start: Start) -> None:
    """A-52: the operator can except a path from what holds for all others."""
    edge = start(settings(EnforcementSettings(ALWAYS, paths={TP2: HEADER})))
    await edge.post()
    assert is_identified(edge)


@pytest.mark.parametrize(
    ("apps", "anonymous"),
    [
        (("shop",), False),
        (("clinic",), True),
        (("shop", "clinic"), True),
        (("shop", None), False),
        ((None,), False),
        (("school",), True),
        (("school", "shop"), True),
    ],
)
async def test_a_52_by_app(start: Start, apps: tuple[str | None, ...], anonymous: bool) -> None:
    """A-52: an app id can have an enforcement of its own; of several the strictest holds."""
    enforcement = EnforcementSettings(apps={"clinic": ALWAYS, "school": UNLESS})
    edge = start(settings(enforcement))
    await edge.post(body=envelope(*({**EVENT, "aid": app} for app in apps)))
    assert is_identified(edge) is not anonymous


async def test_a_52_the_app_in_the_query_of_a_post(start: Start) -> None:
    """A-52, B-17: the query names the app of every event, here as in the pipeline."""
    enforcement = EnforcementSettings(ALWAYS, apps={"shop": HEADER})
    edge = start(settings(enforcement))
    await edge.post(target=f"{TP2}?aid=clinic", body=envelope({**EVENT, "aid": "shop"}))
    assert not is_identified(edge)


@pytest.mark.parametrize("body", [b"{", b"", envelope([])])
async def test_a_52_an_unreadable_app_is_the_strictest(start: Start, body: bytes) -> None:
    """A-52: where nobody can say which app it is, the strictest of all holds."""
    edge = start(settings(EnforcementSettings(apps={"clinic": ALWAYS})))
    await edge.post(body=body)
    assert edge.anonymous().signals == ["policy"]


async def test_a_52_an_unknown_path_is_the_strictest(start: Start) -> None:
    """A-52: of a request that no adapter reads the app is not known either."""
    edge = start(settings(EnforcementSettings(apps={"clinic": ALWAYS})))
    await edge.post(target="/foo/bar")
    assert edge.anonymous().signals == ["policy"]


@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
        lambda value: envelope({"aid": value, "co": value, "cx": value})
    ),
    st.text(max_size=60),
)
def test_a_17_no_request_is_an_error(body: bytes, query: str) -> None:
    """A-17: whatever body and query hold, there is a decision."""
    enforcement = EnforcementSettings(UNLESS, apps={"a": HEADER}, documents=frozenset({"d"}))
    request = Request(TP2, query.encode(errors="replace"), [], {}, None, body)
    assert Enforcer(enforcement).anonymises(request)
