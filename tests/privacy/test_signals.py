"""What the signals of a request ask for (A-46, A-47; S1, S2; contracts 6 and 7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.privacy import (
    Policy,
    Signal,
    SignalPolicy,
    dnt_header,
    do_not_track,
    gpc_header,
    treatment,
)

policies = st.builds(
    Policy,
    gpc=st.sampled_from(SignalPolicy),
    dnt=st.sampled_from(SignalPolicy),
    always=st.booleans(),
)
switches = st.fixed_dictionaries(dict.fromkeys(("header", "path", "gpc", "dnt"), st.booleans()))


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        (["1"], True),
        (["0", "1"], True),
        (["1", "garbage"], True),
        ([], False),
        (["0"], False),
        (["true"], False),
        (["1, 1"], False),
        (["1 "], False),
        (["\N{FULLWIDTH DIGIT ONE}"], False),
        ([""], False),
    ],
)
def test_only_an_exact_one_is_a_header_signal(values: list[str], counts: bool) -> None:
    """S1, S2: one exact `1` counts among several; any other value is ignored."""
    assert gpc_header(values) is counts
    assert dnt_header(values) is counts


@pytest.mark.parametrize(
    ("value", "counts"),
    [
        (1, True),
        ("1", True),
        ("yes", True),
        (True, True),
        (0, False),
        ("0", False),
        ("no", False),
        (None, False),
        (False, False),
        ("unspecified", False),
        ("true", False),
        ([], False),
    ],
)
def test_do_not_track_of_a_browser(value: object, counts: bool) -> None:
    """R28, S2: every form in which browsers said so."""
    assert do_not_track(value) is counts


def test_defaults() -> None:
    """Contract 6: GPC anonymises, DNT is ignored, nothing is anonymised without being asked."""
    assert Policy() == Policy(gpc=SignalPolicy.ANONYMISE, dnt=SignalPolicy.IGNORE, always=False)
    assert treatment(policy=Policy()).text is None
    assert treatment(gpc=True, policy=Policy()).text == "gpc"
    assert treatment(dnt=True, policy=Policy()).anonymous is False


def test_signals_are_told_in_a_fixed_order() -> None:
    """Contract 9: the column `signal` names each that asked, joined by `+`."""
    policy = Policy(gpc=SignalPolicy.ANONYMISE, dnt=SignalPolicy.ANONYMISE, always=True)
    everything = treatment(header=True, path=True, gpc=True, dnt=True, policy=policy)
    assert everything.text == "sp-anonymous+path+gpc+dnt+policy"
    assert everything.signals == tuple(Signal)
    assert everything.drop is False


@given(switches, policies)
def test_any_signal_suffices_and_none_weakens_another(
    switches: dict[str, bool], policy: Policy
) -> None:
    """Contract 7: one more signal never makes a request less anonymous or saves it from a drop."""
    here = treatment(**switches, policy=policy)
    assert here.anonymous is bool(here.signals)
    if switches["header"] or switches["path"] or policy.always:
        assert here.anonymous
    for name in switches:
        more = treatment(**(switches | {name: True}), policy=policy)
        assert set(here.signals) <= set(more.signals)
        assert more.drop or not here.drop


@given(switches, policies)
def test_operator_decides_about_browser_signals(switches: dict[str, bool], policy: Policy) -> None:
    """A-46: each browser signal is ignored, anonymised or dropped as the operator says."""
    here = treatment(**switches, policy=policy)
    rules = {Signal.GPC: policy.gpc, Signal.DNT: policy.dnt}
    sent = {Signal.GPC: switches["gpc"], Signal.DNT: switches["dnt"]}
    for signal, rule in rules.items():
        assert (signal in here.signals) is (sent[signal] and rule is SignalPolicy.ANONYMISE)
    dropped = [s for s, rule in rules.items() if sent[s] and rule is SignalPolicy.DROP]
    assert here.drop is bool(dropped)
