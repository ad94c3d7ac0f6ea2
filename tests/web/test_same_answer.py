"""The same calls, the same answer: the Python tracker, the tag and the official tracker.

All three take the same steps; ids are compared by the step in which each was first seen. Between
Python and the tag, nothing differs but what `docs/python.md` lists; between Python and the official
tracker, only what is listed there or among the tag's own differences.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.browser import browser as browser  # noqa: PLC0414  # a fixture
from tests.tag.differential import scenarios as s
from tests.tag.differential.compare import Difference, Row, differences
from tests.tag.differential.sides import Step
from tests.tag.tables import table
from tests.tag.test_differential import MODES, STEPS, STRATEGIES, Both, quietly
from tests.tag.test_differential import both as both  # noqa: PLC0414  # a fixture
from tests.web.python_side import NOT_HERE, PythonSide

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

DOMAIN = "; path=/; domain=example.test"
PAGE_ONLY = {"preservePageViewIdForUrl", "service"}
OURS = [
    Row(
        ("all",),
        ("all",),
        (),
        tuple(name.strip().strip("`") for name in row["field"].split(",")),
        row["tag"].strip("`"),
        row["Python"].strip("`"),
        row["reason"],
    )
    for row in table("python.md", "### What a program has not")
]
"""What is otherwise in Python, and why."""


def for_a_program(steps: list[Step]) -> list[Step]:
    """The steps that a program can take; none where it begins with an option of a page."""
    for name, argument in steps:
        if name == "start" and PAGE_ONLY & (argument or {}).keys():
            return []
    return [shared(step) for step in steps if step[0] not in NOT_HERE]


def shared(step: Step) -> Step:
    """A cookie that is planted has the domain of the tracker's own: it hides none behind it."""
    name, argument = step
    if name != "put":
        return step
    return "put", [argument[0], f"{argument[1]}{DOMAIN}"]


OUT: list[Step] = [("watch", None), ("out", "1"), s.VIEW, ("out", ""), s.VIEW]
MINE: dict[str, list[Step]] = {
    "keep when clearing": [
        s.start(),
        s.VIEW,
        ("clear", {"preserveUser": True}),
        s.VIEW,
        ("clear", {"preserveUser": True, "preserveSession": True}),
        s.VIEW,
    ],
    "over when moved": [
        s.start("ASV", "C", signal="gpc"),
        ("time", 4000),
        ("disable", {"stateStorageStrategy": "localStorage"}),
        s.VIEW,
    ],
    "opted out for a while": [s.start("AS", "L"), s.STRUCT, *OUT],
    "nothing stored": [s.start("I", "N"), s.VIEW, ("session", None), s.VIEW, s.enable(s.SESSION)],
}
SCENARIOS = {
    name: steps for name, wanted in {**s.OTHERS, **MINE}.items() if (steps := for_a_program(wanted))
}
OFTEN = ("enable both", "move", "wait", "clear", "opt out", "dnt", "gpc", "time", "wrong cookie")
"""Those in which every part of a tracker has to do something."""


def judge(found: list[Difference], rows: list[Row]) -> None:
    """Every difference is listed."""
    rest = [str(one) for one in found if not any(row.explains(one) for row in rows)]
    assert not rest, "\n".join(rest)


async def compare(both: Both, steps: list[Step], *, official: bool = True) -> None:
    """Nothing differs but what is listed."""
    python = PythonSide(both.ours.site).run(steps)
    if official:
        theirs, tag = await asyncio.gather(both.official.run(steps), both.ours.run(steps))
        judge(differences(steps, theirs, python), [*OURS, *both.rows])
    else:
        tag = await both.ours.run(steps)
    judge(differences(steps, tag, python), OURS)


@pytest.mark.parametrize("name", SCENARIOS)
async def test_scenarios(both: Both, name: str) -> None:
    """Every scenario that shows a difference of the official tracker has the tag's answer."""
    await compare(both, SCENARIOS[name], official=name in OFTEN)


async def all_three(both: Both, mode: str, strategy: str, steps: list[Step]) -> None:
    """Whatever a site calls in whatever order, all three agree, but for listed differences.

    Where nothing is stored, the official tracker forgets the number of the session whenever it
    begins anew, so no session is begun by hand there; the next test does, without it.
    """
    if strategy == "N" or s.disable("N") in steps:
        steps = [step for step in steps if step != ("session", None)]
    await compare(both, [s.start(mode, strategy), *steps])


@given(MODES, STRATEGIES, st.lists(STEPS, min_size=3, max_size=6))
@quietly(8)
async def test_some_sequences(both: Both, mode: str, strategy: str, steps: list[Step]) -> None:
    """A choice of sequences, the same in every run."""
    await all_three(both, mode, strategy, steps)


@pytest.mark.torture
@given(MODES, STRATEGIES, st.lists(STEPS, min_size=3, max_size=8))
@quietly(150, chance=True)
async def test_random_sequences(both: Both, mode: str, strategy: str, steps: list[Step]) -> None:
    """Other sequences in every run."""
    await all_three(both, mode, strategy, steps)


FLAGS = st.fixed_dictionaries(
    {}, optional={"preserveUser": st.booleans(), "preserveSession": st.booleans()}
)
MORE = st.one_of(
    STEPS.map(lambda step: [step]),
    st.builds(lambda flags: [("clear", flags or None), s.VIEW], FLAGS),
    st.just([("disable", {"newSession": True}), s.VIEW]),
    st.builds(lambda step: [*s.WAIT, step, *s.GO], STEPS),
    st.just(OUT),
)
SIGNALS = st.sampled_from([{}, {}, {"signal": "gpc"}, {"signal": "dnt", "respectDoNotTrack": True}])


async def both_of_ours(
    both: Both, mode: str, strategy: str, signals: dict[str, Any], moves: list[list[Step]]
) -> None:
    """Python and the tag agree on clears, opt-outs, signals and a collector that is away, too."""
    steps = [step for move in moves for step in move]
    await compare(both, [s.start(mode, strategy, **signals), *steps], official=False)


@given(MODES, STRATEGIES, SIGNALS, st.lists(MORE, min_size=2, max_size=4))
@quietly(12)
async def test_some_of_all_that_happens(
    both: Both, mode: str, strategy: str, signals: dict[str, Any], moves: list[list[Step]]
) -> None:
    """A choice of sequences, the same in every run."""
    await both_of_ours(both, mode, strategy, signals, moves)


@pytest.mark.torture
@given(MODES, STRATEGIES, SIGNALS, st.lists(MORE, min_size=2, max_size=5))
@quietly(300, chance=True)
async def test_all_that_happens(
    both: Both, mode: str, strategy: str, signals: dict[str, Any], moves: list[list[Step]]
) -> None:
    """Other sequences in every run."""
    await both_of_ours(both, mode, strategy, signals, moves)
