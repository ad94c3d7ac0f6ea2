"""Roll-ups and the rights of people: nothing of theirs stays in one (contract 16)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lake.rolled import roll_up, roll_ups, wanted
from tests.rights.people import Person, forgotten, loaded, loader, record
from tests.support.crash import CrashError, after, crash
from whiteout.lake import LakeOwner
from whiteout.lake.daily_keeper import DailyKeeper
from whiteout.proof.search import search_folder
from whiteout.rights import Desk, Selector
from whiteout.rights.judge import Judge
from whiteout.rights.verify import Verifier

ANN, BOB = Person.number(1), Person.number(2)
SHOP = "https://shop.example"


async def filled(folder: Path) -> dict[str, str]:
    """Events of three days; the names of their roll-ups, of which two hold an identifier of Ann."""
    await loaded(
        folder,
        [
            record(ANN, 1, url=f"{SHOP}/account/{ANN.domain_userid}"),
            record(BOB, 2, url=f"{SHOP}/"),
            record(ANN, 3, day=1, e="zz", aid=ANN.domain_userid),
            record(BOB, 4, day=2, url=f"{SHOP}/"),
        ],
    )
    roll_up(folder / "lake")
    held = search_folder(folder / "lake" / "daily", {"ann": ANN.domain_userid})
    assert len({finding.place.partition(" ")[0] for finding in held}) == 2
    return roll_ups(folder / "lake")


async def test_what_is_forgotten_is_in_no_roll_up(tmp_path: Path) -> None:
    """The days concerned are counted anew before the receipt; the others keep their roll-ups."""
    before = await filled(tmp_path)
    receipt = forgotten(tmp_path, "domain_userid", ANN.domain_userid)
    assert receipt["clean"]
    assert search_folder(tmp_path, {"ann": ANN.domain_userid}) == []
    after_it = roll_ups(tmp_path / "lake")
    first, second, third = sorted(before)
    assert after_it.keys() == {first, third}
    assert after_it[first] != before[first]
    assert after_it[third] == before[third]
    assert {path.name for path in wanted(tmp_path / "lake")} == set(after_it.values())
    assert second not in after_it


@pytest.mark.parametrize(
    ("target", "late"), [(LakeOwner, False), (DailyKeeper, False), (DailyKeeper, True)]
)
async def test_a_crash_before_the_roll_ups_are_gone_is_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: Any, *, late: bool
) -> None:
    """The request is not finished, so whoever goes on removes them; nothing counts them before."""
    await filled(tmp_path)
    Desk(tmp_path).ask("forget", selector="domain_userid", value=ANN.domain_userid)
    work = loader(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(target, "purge", after(target.purge) if late else crash)
        with pytest.raises(CrashError):
            work.attend()
    work.close()
    work = loader(tmp_path)
    work.attend()
    work.close()
    assert search_folder(tmp_path, {"ann": ANN.domain_userid}) == []
    assert list((tmp_path / "requests").iterdir()) == []


async def test_what_is_part_of_a_longer_value_of_somebody_else_is_no_remains(
    tmp_path: Path,
) -> None:
    """A roll-up holds what the events of its day hold; where they are spared it is clean too."""
    longer = f"x{ANN.user_id}"
    await loaded(
        tmp_path,
        [
            record(ANN, 1, url=f"{SHOP}/"),
            record(BOB, 2, url=f"{SHOP}/of/{longer}"),
            record(BOB, 3, day=1, url=f"{SHOP}/"),
        ],
    )
    roll_up(tmp_path / "lake")
    receipt = forgotten(tmp_path, "user_id", ANN.user_id)
    assert (receipt["removed"]["events"], receipt["clean"]) == (1, True)
    found_in = search_folder(tmp_path / "lake" / "daily", {"it": longer})
    (kept,) = {finding.place.partition(" ")[0] for finding in found_in}
    held, other = sorted((tmp_path / "lake" / "daily").glob("*.parquet"))
    assert kept == held.name
    # The same in the roll-up of a day whose events do not hold it.
    other.write_bytes(held.read_bytes())
    selector = Selector.of("user_id", ANN.user_id)
    found = (
        Verifier(tmp_path, Judge(selector), unmistakable=selector.unmistakable)
        .run(frozenset())
        .found
    )
    assert found == [str(other.relative_to(tmp_path))]


async def test_expired_days_take_their_roll_ups_along(tmp_path: Path) -> None:
    """F-P24: all of these days are long past."""
    await filled(tmp_path)
    Desk(tmp_path).ask("retain", days=1)
    work = loader(tmp_path)
    work.attend()
    work.close()
    assert roll_ups(tmp_path / "lake") == {}
