"""What asks for anonymity, and what is done about it (A-45 to A-47; contracts 6 and 7)."""

from __future__ import annotations

import re
from typing import cast

import pytest

from tests.collector.conftest import Start
from tests.collector.edge import ANONYMOUS, EVENT, JSON, TP2, Edge, envelope
from whiteout.collector import CollectorSettings
from whiteout.privacy import Policy, SignalPolicy
from whiteout.protocol.record import AnonymousRequest, decode

GPC = ("Sec-GPC", "1")
DNT = ("DNT", "1")
OPT_OUT = CollectorSettings(opt_out_cookie=("no-track", re.compile("yes|1")))


def with_policy(**policy: object) -> CollectorSettings:
    """Settings that differ from the default in the treatment of signals."""
    return CollectorSettings(policy=Policy(**policy))  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["*", "", "0", "false", "anything"])
@pytest.mark.parametrize("name", ["SP-Anonymous", "sp-anonymous", "Sp-AnOnYmOuS"])
async def test_a_47_any_value_in_any_case_anonymises(edge: Edge, name: str, value: str) -> None:
    """A-47: the header counts by being there, whatever its value and its spelling."""
    await edge.post((name, value))
    assert edge.anonymous().signals == ["sp-anonymous"]


async def test_a_47_twice_is_once(edge: Edge) -> None:
    """A-47: the header may stand there more than once."""
    await edge.post(ANONYMOUS, ("SP-Anonymous", "0"))
    assert edge.anonymous().signals == ["sp-anonymous"]


async def test_contract_7_the_path_anonymises(edge: Edge) -> None:
    """Contract 7: the path prefix suffices; the vendor and version stay those behind it."""
    await edge.post(target=f"/anonymous{TP2}")
    record = edge.anonymous()
    assert record.signals == ["path"]
    assert (record.vendor, record.version) == ("com.snowplowanalytics.snowplow", "tp2")


async def test_contract_7_signals_add_up(start: Start) -> None:
    """Contract 7: no signal weakens another; all of them are told."""
    edge = start(with_policy(dnt=SignalPolicy.ANONYMISE, always=True))
    await edge.post(ANONYMOUS, GPC, DNT, target=f"/anonymous{TP2}")
    assert edge.anonymous().signals == ["sp-anonymous", "path", "gpc", "dnt", "policy"]


@pytest.mark.parametrize("header", [GPC, DNT], ids=["gpc", "dnt"])
@pytest.mark.parametrize("rule", list(SignalPolicy))
@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
async def test_a_46_signals(
    start: Start, header: tuple[str, str], rule: SignalPolicy, method: str
) -> None:
    """A-46: ignored, anonymised or dropped, as the operator says; always answered 200."""
    name = "gpc" if header is GPC else "dnt"
    edge = start(with_policy(**{name: rule}))
    reply = await edge.request(method, f"{TP2}?e=pv", JSON, header, body=envelope(EVENT))
    assert reply.status == 200
    assert bool(reply.all("set-cookie")) is (rule is SignalPolicy.IGNORE)
    if rule is SignalPolicy.DROP:
        assert not edge.folder.exists()
    elif rule is SignalPolicy.ANONYMISE:
        assert edge.anonymous().signals == [name]
    else:
        assert edge.identified()


async def test_a_46_defaults(edge: Edge) -> None:
    """Contract 6: by default `Sec-GPC` anonymises and `DNT` is ignored."""
    await edge.post(DNT)
    await edge.post(GPC, DNT)
    first, second = map(decode, edge.raw())
    assert not isinstance(first, AnonymousRequest)
    assert cast("AnonymousRequest", second).signals == ["gpc"]


@pytest.mark.parametrize("value", ["0", "", "true", "1.0", "11", "yes", "1;q=1"])
@pytest.mark.parametrize("name", ["Sec-GPC", "DNT"])
async def test_a_46_only_one_is_one(start: Start, name: str, value: str) -> None:
    """A-46: a signal is the value `1` and no other."""
    edge = start(with_policy(gpc=SignalPolicy.DROP, dnt=SignalPolicy.DROP))
    await edge.post((name, value))
    assert edge.identified()


async def test_a_46_one_of_several_values_suffices(edge: Edge) -> None:
    """A-46: of contradicting headers the one that asks for privacy counts."""
    await edge.post(("Sec-GPC", "0"), GPC)
    assert edge.anonymous().signals == ["gpc"]


async def test_a_46_dropping_wins(start: Start) -> None:
    """Contract 6: a signal that drops does so whatever else the request says."""
    edge = start(with_policy(dnt=SignalPolicy.DROP))
    assert (await edge.post(ANONYMOUS, GPC, DNT, target=f"/anonymous{TP2}")).body == b"ok"
    assert not edge.folder.exists()


async def test_a_52_policy_always(start: Start) -> None:
    """A-52: with `always` every request is anonymous, asked or not."""
    edge = start(with_policy(always=True))
    reply = await edge.post(("Cookie", "sp=abc"))
    assert reply.all("set-cookie") == []
    assert edge.anonymous().signals == ["policy"]


@pytest.mark.parametrize("value", ["yes", "1"])
@pytest.mark.parametrize("also", [(), (ANONYMOUS,), (GPC,)])
@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
async def test_a_45_opt_out_cookie(
    start: Start, value: str, also: tuple[tuple[str, str], ...], method: str
) -> None:
    """A-45, contract 6: the opt-out cookie wins: 200 as ever, no cookie, nothing stored."""
    edge = start(OPT_OUT)
    cookie = ("Cookie", f"a=b; no-track={value}; sp=abc")
    reply = await edge.request(method, f"{TP2}?e=pv", *also, cookie, body=envelope(EVENT))
    assert reply.status == 200
    assert reply.all("set-cookie") == []
    assert not edge.folder.exists()


@pytest.mark.parametrize(
    "cookie",
    ["no-track=no", "no-track=yesyes", "no-track=", "NO-TRACK=yes", "xno-track=yes", "no-track"],
)
async def test_a_45_only_the_whole_value(start: Start, cookie: str) -> None:
    """A-45: the name is exact and the pattern covers the whole value."""
    edge = start(OPT_OUT)
    assert (await edge.post(("Cookie", cookie))).all("set-cookie")
    assert edge.identified()
