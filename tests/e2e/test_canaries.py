"""The canary proof where `whiteout prove` does not look: other settings, and the spool alone.

What `whiteout prove` itself finds out, in every mode and by every way to ask, tests/proof has.
(A-47 to A-52, F-P1 to F-P4, F-P11, S11, S12; contracts 7, 11 and 13.)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.process import Whiteout
from whiteout.privacy import HEADERS, Mode
from whiteout.proof.canaries import Canaries, channels
from whiteout.proof.planting import FORWARDING
from whiteout.proof.prove import Evidence, Proof
from whiteout.proof.rounds import CONTROL, GROUPS, STRICT, Group, Round
from whiteout.proof.sending import Sender
from whiteout.proof.system import System, ThrowAway, stop
from whiteout.proof.wire import Server

pytestmark = pytest.mark.slow

_OPTIONS = ("--address", "full", "--body-timeout", "1", "--header-timeout", "1")
POLICY = Group(
    "policy",
    (Round(CONTROL, Mode.SERVER_ANONYMOUS, signal="policy", everything=True),),
    lambda _channel: True,
)
"""Requests without a word of anonymity, to a server that anonymises all."""


def silent(_text: str) -> None:
    """Hear of each step of a proof."""


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """What a server leaves that anonymises every request."""
    folder = tmp_path_factory.mktemp("policy") / "server"
    with ThrowAway(folder, ("--anonymous", "always")) as own:
        yield Proof(own.ready(), silent, groups=(POLICY,)).carry_out(lambda: stop(own))


def test_a_policy_alone_leaves_no_canary(policy: Evidence) -> None:
    """Answers, data folder, logs, live stream: nothing of a request names anybody (contract 7)."""
    assert policy.found == {"policy": set()}
    assert (policy.cookies, policy.unsearched) == ([], [])


def test_a_policy_alone_makes_every_event_anonymous(policy: Evidence) -> None:
    """The proof is not empty: events and failed events of every kind are there, all anonymous."""
    assert {(row["server_anonymous"], row["signal"]) for row in policy.rows.values()} == {
        (True, "policy")
    }
    assert len(policy.rows) > 15
    assert {anonymous for _, anonymous in policy.failed} == {True}
    kinds = {kind for kind, _ in policy.failed}
    assert {"adapter_failures", "schema_violations", "tracker_protocol_violations"} <= kinds
    assert "generic_error" not in kinds


def test_answers_of_a_policy_are_those_of_the_protocol(policy: Evidence) -> None:
    """What the protocol answers 200 is 200, however bad the event is; nothing is a 500 (A-17)."""
    assert [s for s in policy.sent if s.statuses and s.answer.status not in s.statuses] == []


def test_no_canary_is_handed_to_the_pipeline(tmp_path: Path) -> None:
    """The collector removes identifiers before it writes; nothing depends on what comes after."""
    anonymous, identified = Canaries(hashed=("POST tp2: ",)), Canaries(lane=1, hashed=())
    with Whiteout(tmp_path / "server", *_OPTIONS, command="collect") as server:
        system = System(Server(server.port), f"127.0.0.1:{server.port}", server.data)
        with Sender(system, "run", silent) as sender:
            sender.send(STRICT, anonymous)
        assert anonymous.search_tree(server.data) == []
        with Sender(system, "run", silent) as sender:
            sender.send(GROUPS[0], identified)
        found = channels(identified.search_tree(server.data))
    assert {
        "POST tp2: uid",
        "GET i: duid",
        "malformed json: fp",
        "headers alone: cookie sp",
    } <= found


def test_at_least_25_forwarding_headers_are_sent() -> None:
    """The headers that are planted include all that are known to tell an address (A-50, S12)."""
    assert len(HEADERS) >= 25
    known = "forwarded cf-connecting-ip true-client-ip x-client-ip fly-client-ip x-azure-clientip"
    assert {*known.split(), "x-appengine-user-ip"} <= set(FORWARDING)
