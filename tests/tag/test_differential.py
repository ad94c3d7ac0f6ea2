"""The tag against the official tracker: what differs is what the documentation lists."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.async_api import Browser

from tests.support.site import Site
from tests.support.web import BUNDLE, prepare
from tests.tag.differential import scenarios as s
from tests.tag.differential.compare import Difference, Row, differences, rows
from tests.tag.differential.mutations import MUTATIONS
from tests.tag.differential.sides import PAGES, Seen, Side, Step, side
from tests.tag.pages import ROOT
from tests.tag.tables import table

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]

BUILD = """
import { build } from "esbuild";
const { outputFiles } = await build({
  absWorkingDir: process.cwd(), bundle: true, target: "es2021", write: false,
  entryPoints: ["src/index.ts"], format: "iife", globalName: "tracker",
  define: { __VERSION__: '"0.1.0"', __SCRIPT__: "false", __ACTIVITY__: "true",
    __LINKER__: "true", __GLOBAL_CONTEXTS__: "true" },
});
console.log(outputFiles[0].text);
"""


PACE = "var PACE = 250"


class Both:
    """Both sides, and what the official one did in a scenario."""

    def __init__(self, official: Side, ours: Side) -> None:
        self.official = official
        self.ours = ours
        self.source = ours.script
        self.rows = rows()
        self.known: dict[str, list[Seen]] = {}
        self.explained: dict[str, set[Row]] = {}

    async def compare(self, steps: list[Step], name: str = "") -> list[Difference]:
        """What the two do otherwise."""
        if name in self.known:
            return differences(steps, self.known[name], await self.ours.run(steps))
        official, ours = await asyncio.gather(self.official.run(steps), self.ours.run(steps))
        if name:
            self.known[name] = official
        return differences(steps, official, ours)

    def judge(self, found: list[Difference]) -> tuple[set[Row], list[Difference]]:
        """The rows that explain differences, and the differences that no row explains."""
        used: set[Row] = set()
        rest = []
        for difference in found:
            by = {row for row in self.rows if row.explains(difference)}
            used |= by
            if not by:
                rest.append(difference)
        return used, rest

    async def scenario(self, name: str) -> set[Row]:
        """Run a scenario with the tag as it is; the rows that it shows."""
        if name not in self.explained:
            used, rest = self.judge(await self.compare(s.ALL[name], name))
            assert not rest, "\n".join(map(str, rest))
            self.explained[name] = used
        return self.explained[name]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def both(browser: Browser) -> AsyncIterator[Both]:
    """Two profiles of one browser on one site."""
    prepare()
    node = shutil.which("node")
    assert node is not None
    command = [node, "--input-type=module", "-e", BUILD]
    done = subprocess.run(command, cwd=ROOT / "tag", capture_output=True, text=True, check=True)
    with Site(PAGES) as site:
        host = site.url("", host="www.shop.example.test")
        official = side(browser, host, BUNDLE.read_text())
        # What follows soon need not wait here.
        assert PACE in done.stdout
        ours = side(browser, host, done.stdout.replace(PACE, "var PACE = 0"))
        async with official as one, ours as two:
            yield Both(one, two)


async def test_every_row_is_shown_and_nothing_else(both: Both) -> None:
    """Scenarios show every row of the table, and no difference that it does not list."""
    shown: set[Row] = set()
    for name in s.ALL:
        shown |= await both.scenario(name)
    assert [row for row in both.rows if row not in shown] == []


OPTIONS = st.sampled_from([None, True, False, {}, s.SESSION, s.SERVER, s.MODES["ASV"]])
MOVES = st.sampled_from([None, None, "CL", "L", "N"])
STEPS = st.one_of(
    st.just(s.VIEW),
    st.just(s.STRUCT),
    st.just(("thing", s.THING)),
    st.just(("user", "bob")),
    st.just(("reload", None)),
    st.just(("session", None)),
    st.just(("time", 4000)),
    st.builds(s.enable, OPTIONS),
    st.builds(s.disable, MOVES),
)


MODES = st.sampled_from(list(s.MODES))
STRATEGIES = st.sampled_from(list(s.STRATEGIES))


def quietly(examples: int, *, chance: bool = False) -> settings:
    """Settings of a test that drives browsers; without `chance`, of one that never changes."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=not chance,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


async def take(both: Both, mode: str, strategy: str, steps: list[Step]) -> None:
    """Whatever a site calls in whatever order, only listed differences appear."""
    _, rest = both.judge(await both.compare([s.start(mode, strategy), *steps]))
    assert not rest, "\n".join(map(str, rest))


@given(MODES, STRATEGIES, st.lists(STEPS, min_size=3, max_size=6))
@quietly(15)
async def test_some_sequences(both: Both, mode: str, strategy: str, steps: list[Step]) -> None:
    """A choice of sequences, the same in every run."""
    await take(both, mode, strategy, steps)


@pytest.mark.torture
@given(MODES, STRATEGIES, st.lists(STEPS, min_size=3, max_size=8))
@quietly(200, chance=True)
async def test_random_sequences(both: Both, mode: str, strategy: str, steps: list[Step]) -> None:
    """Other sequences in every run."""
    await take(both, mode, strategy, steps)


@pytest.mark.parametrize(
    ("scenario", "patches"),
    [(scenario, patches) for _, scenario, *patches in MUTATIONS],
    ids=[mutation[0] for mutation in MUTATIONS],
)
async def test_a_fix_that_is_switched_off_is_noticed(
    both: Both, scenario: str, patches: list[str]
) -> None:
    """Without any one fix, a listed difference is gone or one that is not listed appears."""
    shown = await both.scenario(scenario)
    for find, put in zip(patches[::2], patches[1::2], strict=True):
        assert find in both.ours.script
        both.ours.script = both.ours.script.replace(find, put)
    try:
        used, rest = both.judge(await both.compare(s.ALL[scenario], scenario))
    finally:
        both.ours.script = both.source
    assert rest or shown - used


async def test_every_fix_is_switched_off_once() -> None:
    """Each fix that the comparison sees has a mutation."""
    seen = {reason for row in rows() for reason in re.findall(r"W\d+", row.reason)}
    tried = {fix for name, *_ in MUTATIONS for fix in re.findall(r"W\d+", name)}
    assert seen <= tried


async def test_what_the_comparison_does_not_see_has_a_test() -> None:
    """Every other difference names the test that shows it."""
    names = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        names |= set(re.findall(r"async def (test_\w+)", path.read_text()))
    listed = table("differences.md", "## What other tests show")
    assert [row for row in listed if row["test"].strip("`") not in names] == []
