"""The command `whiteout profile`: a configuration beside what a profile asks of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from whiteout.commands.common import options
from whiteout.config import Config, ConfigError, Setting, load, plain
from whiteout.options import BY_NAME
from whiteout.profiles import PROFILES, Assessed, Profile, Status, assessment

_NOTE = (
    "This states what is configured. It does not say whether that suffices in law: which rules "
    "apply, and what is yours to do, is for you to decide."
)


@click.command()
@options()
@click.argument("name", required=False, type=click.Choice(tuple(PROFILES)))
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def profile(file: Path | None, name: str | None, *, as_json: bool, **flags: Any) -> None:
    """Put the configuration beside what a profile asks of it: the chosen one, or NAME.

    The exit code is 1 where a setting does not meet it. Without a profile, all are listed.
    """
    chosen = flags.pop("profile")
    try:
        config, settings = load({**flags, "profile": chosen}, file=file, contradictory=True)
    except ConfigError as error:
        raise click.UsageError(str(error)) from None
    wanted = name or config.profile
    if wanted is None:
        _list(as_json=as_json)
        return
    found = facts(PROFILES[wanted], config, settings)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        _print(PROFILES[wanted], found)
    if found["not_met"]:
        raise click.exceptions.Exit(1)


def facts(profile: Profile, config: Config, settings: list[Setting]) -> dict[str, Any]:
    """The assessment of a configuration, as JSON can hold it."""
    sources = {setting.option.name: setting.source for setting in settings}
    found = assessment(profile, config.as_values(), sources)
    counted = {status: sum(one.status is status for one in found) for status in Status}
    return {
        "profile": profile.name,
        "about": profile.about,
        "rule": profile.rule,
        "chosen": config.profile == profile.name,
        "met": counted[Status.MET],
        "not_met": counted[Status.NOT_MET],
        "yours": counted[Status.YOURS],
        "note": _NOTE,
        "requirements": [_shown(one) for one in found],
    }


def _shown(one: Assessed) -> dict[str, Any]:
    key = None if one.option is None else BY_NAME[one.option].key
    return {**one.facts(), "option": key}


def _print(profile: Profile, found: dict[str, Any]) -> None:
    click.echo(f"{profile.name} ({profile.rule}): {profile.about}.")
    if not found["chosen"]:
        click.echo(f'It is not chosen: set profile = "{profile.name}" to have it enforced.')
    for status in Status:
        rows = [row for row in found["requirements"] if row["status"] == status]
        if rows:
            click.echo(f"\n{status.value}:")
        for row in rows:
            click.echo(f"  {row['asks'].rstrip('.')}. ({row['rule']})")
            if row["option"] is not None:
                needs = f"; it needs to be {row['needs']}" if status is Status.NOT_MET else ""
                value = plain(row["value"]) or "-"
                click.echo(f"    {row['option']} = {value}  ({row['source']}){needs}")
    click.echo(f"\n{_NOTE}")


def _list(*, as_json: bool) -> None:
    if as_json:
        shown = [{"name": one.name, "about": one.about, "rule": one.rule} for one in _all()]
        click.echo(json.dumps(shown, indent=2))
        return
    for one in _all():
        click.echo(f"{one.name:<14} {one.about} ({one.rule})")
    click.echo("\nNone is chosen. `whiteout profile NAME` puts the configuration beside one.")


def _all() -> list[Profile]:
    return list(PROFILES.values())
