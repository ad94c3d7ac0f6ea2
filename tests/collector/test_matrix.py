"""Matrix F.2: the same event by every kind of endpoint, asked for anonymity in every way.

Strict is what holds by default; compat is with every switch that goes the way of older collectors.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, JSON, TP2, envelope
from tests.support.asgi import PEER
from whiteout.collector import (
    CollectorSettings,
    CookieSettings,
    Enforcement,
    EnforcementSettings,
)
from whiteout.privacy import AddressPolicy, SignalPolicy
from whiteout.privacy import Policy as SignalPolicies
from whiteout.proof.canaries import Canaries, channels
from whiteout.proof.planting import Planter
from whiteout.protocol.record import AnonymousRequest, decode

ENDPOINTS = {
    "POST tp2": ("POST", TP2),
    "GET tp2": ("GET", TP2),
    "GET i": ("GET", "/i"),
    "GET ice.png": ("GET", "/ice.png"),
    "HEAD i": ("HEAD", "/i"),
    "HEAD tp2": ("HEAD", TP2),
    "POST custom path": ("POST", "/shop/track"),
    "GET custom path": ("GET", "/shop/track"),
    "redirect": ("GET", "/r/tp2"),
    "POST redirect": ("POST", "/r/tp2"),
    "custom redirect": ("GET", "/shop/click"),
    "unknown path": ("POST", "/foo/bar"),
}
TRIGGERS = {
    "header": ([ANONYMOUS], ""),
    "empty header": ([("SP-Anonymous", "")], ""),
    "lower-case header": ([("sp-anonymous", "false")], ""),
    "path": ([], "/anonymous"),
    "gpc": ([("Sec-GPC", "1")], ""),
    "dnt": ([("DNT", "1")], ""),
    "policy": ([], ""),
    "no consent": ([], ""),
}
MODES = {
    "strict": CookieSettings(),
    "compat": CookieSettings(delete_on_anonymous=True, domains=("shop.example.test",)),
}
ENFORCED = {"policy": Enforcement.ALWAYS, "no consent": Enforcement.UNLESS_CONSENT}


def settings(mode: str, trigger: str) -> CollectorSettings:
    """Settings that would keep whole addresses, and have every kind of path."""
    return CollectorSettings(
        cookie=MODES[mode],
        policy=SignalPolicies(dnt=SignalPolicy.ANONYMISE),
        enforcement=EnforcementSettings(ENFORCED.get(trigger, Enforcement.HEADER)),
        address=AddressPolicy.FULL,
        oversized_status=413 if mode == "compat" else 422,
        paths={"/shop/track": TP2, "/shop/click": "/r/tp2"},
        redirect_hosts=("shop.example.test",),
    )


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("mode", MODES)
async def test_f_2_matrix(start: Start, mode: str, endpoint: str, trigger: str) -> None:
    """F.2: nothing that names anybody is kept, and no answer sets an identifier."""
    canaries = Canaries(7, hashed=("POST tp2: ",))
    peer = canaries.ipv4("peer")
    plant = Planter(canaries, endpoint)
    edge = start(settings(mode, trigger))
    method, path = ENDPOINTS[endpoint]
    signal, prefix = TRIGGERS[trigger]
    parameters = {**plant.event("x"), "nuid": canaries.uuid("nuid in the query")}
    body = envelope(plant.event("x")) if method == "POST" else None
    query = urlencode({"nuid": parameters["nuid"]} if body else parameters)
    if "redirect" in endpoint:
        query = f"u={quote(plant.url('target'), safe='')}&{urlencode(parameters)}"
    headers = [JSON, *plant.headers(), *signal]
    reply = await edge.request(
        method, f"{prefix}{path}?{query}", *headers, body=body, client=(peer, PEER[1])
    )
    assert reply.status in (200, 302, 400)
    for cookie in reply.all("set-cookie"):
        assert mode == "compat"
        assert cookie.startswith("sp=; Expires=Thu, 01 Jan 1970")
    told = [header for header in reply.headers if header[0] != b"location"]
    assert canaries.search(repr((told, reply.body)).encode(), "answer") == []
    assert channels(f for raw in edge.raw() for f in canaries.search(raw, "spool")) == set()
    record = edge.anonymous()
    assert isinstance(record, AnonymousRequest)
    if endpoint != "unknown path":
        assert len(record.events) == 1
        assert record.events[0].redacted


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_f_2_without_a_word_of_anonymity(start: Start, endpoint: str) -> None:
    """F.2: the matrix is worth something, since the same request else keeps who sent it."""
    canaries = Canaries(7, hashed=("POST tp2: ",))
    plant = Planter(canaries, endpoint)
    edge = start(settings("strict", "header"))
    method, path = ENDPOINTS[endpoint]
    body = envelope(plant.event("x")) if method == "POST" else None
    query = urlencode({} if body and "redirect" not in endpoint else plant.event("x"))
    if "redirect" in endpoint:
        query = f"u={quote(plant.url('target'), safe='')}&{query}"
    await edge.request(method, f"{path}?{query}", JSON, *plant.headers(), body=body)
    (raw,) = edge.raw()
    assert not isinstance(decode(raw), AnonymousRequest)
    found = channels(canaries.search(raw, "spool"))
    assert {f"{endpoint}: {name}" for name in ("uid", "duid", "fp", "sid")} <= found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("trigger", ["header", "path", "gpc"])
async def test_f_2_an_oversized_body(start: Start, mode: str, trigger: str) -> None:
    """F.2, A-72: of an oversized anonymous request nothing is kept, whatever its status."""
    edge = start(settings(mode, trigger))
    signal, prefix = TRIGGERS[trigger]
    target = f"{prefix}{TP2}?uid=anna"
    reply = await edge.request("POST", target, JSON, *signal, body=b"x" * 2_100_000)
    assert reply.status == (413 if mode == "compat" else 422)
    assert not edge.folder.exists()
