"""Looking schemas up in registries, without waiting for them long (E-3, E-7, E-8, E-11)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.schemas.registry_server import KEY, ORDER, OTHER, registry
from whiteout.protocol.iglu import SchemaKey, parse_uri
from whiteout.schemas import (
    Definition,
    HttpRegistry,
    RegistryError,
    Resolver,
    ResolverSettings,
    SchemaNotFound,
    document,
    find,
)
from whiteout.schemas.lint import lint
from whiteout.schemas.resolver import _pause

VALID, INVALID = {"id": 1}, {"id": "one"}


@dataclass
class Shelf:
    """A registry in memory that counts what it is asked; it waits for `gate` before it answers."""

    schemas: dict[SchemaKey, Definition] = field(default_factory=lambda: {KEY: ORDER})
    name: str = "shelf"
    broken: bool = False
    asked: list[SchemaKey] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def fetch(self, key: SchemaKey) -> Definition:
        """The schema, if it is here."""
        self.asked.append(key)
        self.gate.wait(5)
        if self.broken:
            raise RegistryError("is broken")
        if key not in self.schemas:
            raise SchemaNotFound
        return self.schemas[key]


Make = Callable[..., Resolver]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes resolvers, and closes them."""
    made: list[Resolver] = []

    def resolver(*registries: Any, **settings: Any) -> Resolver:
        made.append(Resolver(ResolverSettings(registries=registries, **settings)))
        return made[-1]

    yield resolver
    for one in made:
        one.close()


def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def number(count: int) -> SchemaKey:
    """One of many keys."""
    return KEY._replace(name=f"n{count}")


def test_e_7_our_own_schemas_come_first(make: Make) -> None:
    """E-7: a registry is never asked for a schema that whiteout brings."""
    own = parse_uri("iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0")
    assert own is not None
    shelf = Shelf({own: document(own, {"type": "string"})})
    resolver = make(shelf)
    validator = resolver.validator(own)
    assert validator is not None
    assert validator("any text") != []
    assert not getattr(validator, "foreign", False)
    assert shelf.asked == []


def test_e_3_a_schema_is_found_in_its_very_version(make: Make) -> None:
    """E-3: another version is another schema; the one that is found checks data."""
    resolver = make(Shelf())
    validator = resolver.validator(KEY)
    assert validator is not None
    assert (validator(VALID), bool(validator(INVALID))) == ([], True)
    assert resolver.validator(OTHER) is None
    assert resolver.definition(KEY) == ORDER
    assert getattr(validator, "foreign", False)


def test_e_7_registries_are_asked_in_order(make: Make) -> None:
    """E-7: the first that has it wins, and one that cannot be asked is passed over."""
    strict = document(KEY, {"type": "string"})
    first, second, third = Shelf(broken=True), Shelf({}), Shelf({KEY: strict})
    validator = make(first, second, third).validator(KEY)
    assert validator is not None
    assert validator("text") == []
    assert [len(shelf.asked) for shelf in (first, second, third)] == [1, 1, 1]


def test_e_8_answers_are_kept_good_ones_and_bad_ones(make: Make) -> None:
    """E-8: neither a schema nor the lack of one is asked for again while its answer is good."""
    shelf = Shelf()
    resolver = make(shelf)
    for _ in range(20):
        resolver.validator(KEY)
        resolver.validator(OTHER)
    assert shelf.asked == [KEY, OTHER]


def test_e_8_an_old_schema_is_asked_for_again_and_stays_while_that_fails(make: Make) -> None:
    """E-8: behind its time a schema is fetched anew, and used as it was until that succeeds.

    Whoever keeps a validator gets the new version.
    """
    shelf = Shelf()
    validator = make(shelf, cache=0.05).validator(KEY)
    assert validator is not None
    shelf.broken = True
    shelf.schemas[KEY] = document(KEY, {"type": "string"})
    time.sleep(0.06)
    assert validator(VALID) == []
    until(lambda: len(shelf.asked) > 1)
    assert validator(VALID) == []
    shelf.broken = False
    until(lambda: validator("text") == [])


def test_e_8_a_registry_that_fails_is_asked_again_ever_more_rarely(make: Make) -> None:
    """E-8: the pause after a failure grows, from half a second to a minute."""
    pauses = [_pause(failures) for failures in range(1, 30)]
    assert pauses == sorted(pauses)
    assert 0.5 < pauses[0] < 0.51
    assert pauses[-1] == 60
    shelf = Shelf(broken=True)
    resolver = make(shelf)
    assert [resolver.validator(KEY) for _ in range(20)] == [None] * 20
    assert len(shelf.asked) == 1
    shelf.broken = False
    until(lambda: resolver.validator(KEY) is not None)


def test_e_8_trouble_is_told_once_and_without_the_name_of_a_schema(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """E-8, F-P22: one line when a registry fails, one when it answers, no stranger's word in it."""
    shelf = Shelf(broken=True)
    resolver = make(shelf)
    with caplog.at_level(logging.DEBUG, logger="whiteout.schemas"):
        for count in range(5):
            resolver.validator(number(count))
        shelf.broken = False
        resolver.validator(number(9))
    assert [record.message for record in caplog.records] == [
        "the schema registry shelf is broken; it is tried again",
        "the schema registry shelf answers again",
    ]


def test_e_11_a_slow_registry_holds_nobody_up_for_long(make: Make) -> None:
    """E-11: all waiting together stays within its budget, and what arrives late is used then."""
    shelf = Shelf()
    shelf.gate.clear()
    resolver = make(shelf, wait=0.2, patience=0.5)
    began = time.monotonic()
    for count in range(30):
        assert resolver.validator(number(count)) is None
    assert resolver.validator(KEY) is None
    assert time.monotonic() - began < 1
    shelf.gate.set()
    until(lambda: resolver.validator(KEY) is not None)


def test_e_11_strangers_cannot_make_us_ask_without_end(make: Make) -> None:
    """E-11: the number of requests has a limit in time, and so have the names that are kept."""
    shelf = Shelf()
    resolver = make(shelf, rate=1.0, burst=10, most_unknown=5, most_known=3)
    for count in range(200):
        resolver.validator(number(count))
    assert len(shelf.asked) <= 11
    assert len(resolver._unknown) <= 5
    shelf.schemas = {number(count): document(number(count), {}) for count in range(500, 510)}
    many = make(shelf, most_known=3)
    assert all(many.validator(number(count)) for count in range(500, 510))
    assert len(many._known) <= 3


def test_e_11_no_registry_is_asked_that_is_not_configured(make: Make) -> None:
    """E-11: without registries nothing is asked, and no thread is started."""
    before = threading.active_count()
    resolver = make()
    assert resolver.validator(KEY) is None
    assert resolver.definition(KEY) is None
    assert threading.active_count() == before


def test_e_11_a_registry_that_breaks_in_an_unforeseen_way_ends_nothing(make: Make) -> None:
    """E-11: whatever a registry raises, the next schema is asked for."""
    shelf = Shelf()
    shelf.schemas = None  # type: ignore[assignment]  # what nobody thought of
    resolver = make(shelf)
    assert resolver.validator(OTHER) is None
    shelf.schemas = {KEY: ORDER}
    assert resolver.validator(KEY) is not None


def test_e_6_over_http(make: Make) -> None:
    """E-6: the same with a registry on the network."""
    with registry() as server:
        resolver = make(HttpRegistry(server.address))
        validator = resolver.validator(KEY)
        assert validator is not None
        assert validator(INVALID) != []
        assert resolver.validator(OTHER) is None
    assert server.paths == [f"/schemas/{'/'.join(key)}" for key in (KEY, OTHER)]


def test_find_asks_at_once() -> None:
    """E-3, E-6: a command finds a schema, or is told that there is none or that one failed."""
    assert find([Shelf({}), Shelf()], KEY) == ORDER
    with pytest.raises(SchemaNotFound):
        find([Shelf({})], KEY)
    with pytest.raises(RegistryError, match="shelf is broken"):
        find([Shelf(broken=True), Shelf({})], KEY)


NEWER = KEY._replace(version="1-0-1")
NEWER_ORDER = {**ORDER, "required": ["id", "amount"]}


def test_b_54_a_superseded_schema_is_checked_by_the_newer_one(make: Make) -> None:
    """B-54, E-10: `$supersededBy` names the version that data is checked by instead."""
    old = {**ORDER, "$supersededBy": NEWER.version}
    new = {**NEWER_ORDER, "$supersedes": [KEY.version]}
    resolver = make(Shelf({KEY: old, NEWER: new}), patience=None)
    validator = resolver.validator(KEY)
    assert validator is not None
    assert getattr(validator, "instead", None) == NEWER
    assert [fault.keyword for fault in validator(VALID)] == ["required"]
    assert resolver.definition(KEY) == old
    current = resolver.validator(NEWER)
    assert current is not None
    assert getattr(current, "instead", None) is None


@pytest.mark.parametrize("named", ["1-0-9", "", "newest", 3, "1-0-0"])
def test_b_54_a_newer_schema_that_is_not_there_changes_nothing(make: Make, named: Any) -> None:
    """B-54: without the newer version, data is checked by the one that it names."""
    validator = make(Shelf({KEY: {**ORDER, "$supersededBy": named}}), patience=None).validator(KEY)
    assert validator is not None
    assert getattr(validator, "instead", None) is None
    assert validator(VALID) == []
    assert validator(INVALID) != []


def test_e_10_superseding_members_are_no_faults_of_a_schema() -> None:
    """E-10: a document may name what it supersedes and what supersedes it."""
    base = document(KEY, ORDER)
    named = {**base, "$supersededBy": "1-0-1", "$supersedes": ["1-0-0"]}
    assert lint(named) == lint(base)
