"""Arbitrary bytes on a connection: no 5xx, no hang, no growth, whatever they are (A-17)."""

from __future__ import annotations

import gc
import random
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fuzz import SEEDS, Target, in_pieces, mutated

ROOT = Path(__file__).parents[2]


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    """A web worker in this process."""
    made = Target(tmp_path)
    yield made
    made.close()


def test_the_seeds_are_requests(target: Target) -> None:
    """What is mutated are requests that are answered as they should be."""
    statuses = [status for seed in SEEDS for status in target.feed([seed])]
    assert set(statuses) <= {100, 200, 302, 303}
    assert statuses.count(200) >= 14


@pytest.mark.parametrize("seed", range(4))
def test_no_bytes_are_an_error(target: Target, seed: int) -> None:
    """Mutated requests, whole and in pieces: answered below 500 or dropped, and nothing is left."""
    chance = random.Random(seed)
    answered = 0
    for _ in range(4_000):
        answered += bool(target.feed(in_pieces(mutated(chance), chance)))
    assert answered > 2_000


def test_nothing_grows(target: Target) -> None:
    """After tens of thousands of connections there is no more in memory than after the first."""
    chance = random.Random(1)
    inputs = [mutated(chance) for _ in range(1_000)]
    for raw in inputs:
        target.feed([raw])
    gc.collect()
    tracemalloc.start()
    for raw in inputs:
        target.feed([raw])
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown < 500_000


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(4))
def test_a_million_mutated_inputs(target: Target, seed: int) -> None:
    """A quarter of a million of them for each seed."""
    chance = random.Random(1_000 + seed)
    for _ in range(250_000):
        target.feed(in_pieces(mutated(chance), chance))


@pytest.mark.torture
def test_a_million_inputs_of_a_fuzzer() -> None:
    """The same for inputs that a fuzzer finds by looking at which code they reach."""
    command = [sys.executable, "-m", "tests.support.guided", "1000000"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-4_000:]
    assert re.search(r"Done 1000000 (?:runs|in)", run.stderr), run.stderr[-500:]
