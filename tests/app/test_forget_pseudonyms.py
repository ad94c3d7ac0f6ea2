"""Forgetting somebody who is stored under pseudonyms (C-23, F-P13, contract 16)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.rights.people import Person, event_id, loader, record, spooled, stored
from whiteout.cli import main
from whiteout.commands.forgetting import UNLINKED

ANN, BOB = Person.number(1), Person.number(2)
RULES = "user_id=pseudonymise, domain_userid=pseudonymise"


async def pseudonymised(folder: Path, **more: Any) -> None:
    """Two events of Ann and one of Bob, stored under pseudonyms."""
    await spooled(folder, [record(ANN, 1), record(BOB, 2), record(ANN, 3)])
    work = loader(folder, **{"pii": RULES, **more})
    work.drain()
    work.close()


def forget(folder: Path, *flags: str) -> dict[str, Any]:
    """The receipt of Ann."""
    arguments = ["forget", "--data", str(folder), "--user-id", ANN.user_id, "--yes", "--json"]
    result = CliRunner().invoke(main, arguments, env=dict(zip(*[iter(flags)] * 2, strict=True)))
    assert result.exit_code == 0, result.output
    receipt: dict[str, Any] = json.loads(result.stdout)
    return receipt


@pytest.mark.parametrize("per_site", ["true", "false"])
async def test_c_23_who_is_stored_under_a_pseudonym_is_forgotten(
    tmp_path: Path, per_site: str
) -> None:
    """C-23: by the plain identifier its rows are found under every key that is still kept."""
    await pseudonymised(tmp_path, pii_per_site=per_site)
    receipt = forget(tmp_path, "WHITEOUT_PII", RULES, "WHITEOUT_PII_PER_SITE", per_site)
    assert receipt["removed"]["events"] == 0
    assert receipt["pseudonyms"]["removed"]["events"] == 2
    assert receipt["clean"] is True
    assert stored(tmp_path) == [event_id(2)]
    assert ANN.user_id not in json.dumps(receipt)


async def test_c_23_under_a_destroyed_key_nobody_can_be_found(tmp_path: Path) -> None:
    """C-23: without its key a pseudonym is nobody's, and the receipt says so plainly."""
    await pseudonymised(tmp_path)
    (tmp_path / "keys" / "pseudonyms.json").unlink()
    receipt = forget(tmp_path, "WHITEOUT_PII", RULES)
    assert receipt["pseudonyms"]["looked_for"] == 0
    assert receipt["pseudonyms"]["note"] == UNLINKED
    assert stored(tmp_path) == sorted(event_id(number) for number in (1, 2, 3))


async def test_without_pseudonyms_a_receipt_is_silent_about_them(tmp_path: Path) -> None:
    """A system that stores identifiers as they are has nothing to say of pseudonyms."""
    await pseudonymised(tmp_path, pii="domain_userid=redact")
    assert "pseudonyms" not in forget(tmp_path, "WHITEOUT_PII", "domain_userid=redact")
    assert stored(tmp_path) == [event_id(2)]
