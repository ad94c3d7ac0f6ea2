"""The commands of whoever answers for people's data: `forget`, `retain`, `export`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from whiteout.commands.common import load_config, options, require_data
from whiteout.config import Config

_DAY = click.DateTime(["%Y-%m-%d"])

_SELECTORS = (
    ("user_id", "--user-id", "The user, as the site calls him or her."),
    ("domain_userid", "--domain-userid", "The browser, by its first-party identifier."),
    ("network_userid", "--network-userid", "The browser, by the collector's cookie."),
    ("session", "--session", "One visit, by domain_sessionid."),
    ("event", "--event", "One event, by event_id."),
)


def _selectors(command: Callable[..., None]) -> Callable[..., None]:
    for name, flag, text in reversed(_SELECTORS):
        command = click.option(flag, name, metavar="ID", help=f"{text} `-` reads it from input.")(
            command
        )
    return command


def _selector(flags: dict[str, Any]) -> Any:
    """Take the selector out of the flags; None where there is none. Raises UsageError."""
    from whiteout.rights import Selector, SelectorError  # noqa: PLC0415 (keeps other commands quick)

    given = {name: flags.pop(name) for name, _, _ in _SELECTORS}
    chosen = [(name, value) for name, value in given.items() if value is not None]
    if not chosen:
        return None
    if len(chosen) > 1:
        raise click.UsageError("name one identifier at a time")
    name, value = chosen[0]
    if value == "-":
        value = sys.stdin.readline()
    try:
        return Selector.of(name, value)
    except SelectorError as error:
        raise click.UsageError(str(error)) from None


@click.command()
@options("data")
@_selectors
@click.option("--yes", is_flag=True, help="Do not ask before anything is removed.")
@click.option("--json", "as_json", is_flag=True, help="The receipt as one JSON object.")
def forget(file: Path | None, *, yes: bool, as_json: bool, **flags: Any) -> None:
    """Remove somebody's events for good, and search every byte for what may be left.

    Events, failed events, what waits in the spool, the live page, and all older versions and logs
    of the tables. What was accepted before the command is removed; what comes later is not. Prints
    a receipt, which names nobody. The exit code is 1 when something was found that could not be
    removed. Works while whiteout runs. Where identifiers are stored as pseudonyms, those that the
    identifier has under every key that is still kept are removed too.
    """
    selector = _selector(flags)
    if selector is None:
        raise click.UsageError("say whom it is about: " + ", ".join(s[1] for s in _SELECTORS))
    config = _config(file, flags)
    _confirm("This removes the events of one identifier for good.", yes=yes)
    from whiteout.commands.forgetting import forget as carry_out  # noqa: PLC0415
    from whiteout.commands.forgetting import lines  # noqa: PLC0415

    receipt = _have_done(lambda: carry_out(config, selector), as_json=as_json)
    for line in () if as_json else lines(receipt):
        click.echo(line)
    _end(receipt)


@click.command()
@options("data")
@click.option(
    "--days",
    required=True,
    type=click.IntRange(1, 36_500),
    help="Days that are kept, today (UTC) included.",
)
@click.option("--yes", is_flag=True, help="Do not ask before anything is removed.")
@click.option("--json", "as_json", is_flag=True, help="The receipt as one JSON object.")
def retain(file: Path | None, *, days: int, yes: bool, as_json: bool, **flags: Any) -> None:
    """Remove all events, failed ones too, that are older than some days, for good.

    Whole days go, so nothing is kept for longer. `pipeline.retention_days` does the same by itself.
    """
    config = _config(file, flags)
    _confirm(f"This removes everything but the newest {days} days for good.", yes=yes)
    from whiteout.commands.asking import ask  # noqa: PLC0415 (keeps other commands quick)

    _end(_have_done(lambda: ask(config, "retain", days=days), as_json=as_json))


@click.command()
@options("data")
@_selectors
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "parquet", "tsv"]),
    help="JSON for one identifier; Parquet or enriched TSV for a table.  [default: json, or tsv]",
)
@click.option(
    "--table",
    type=click.Choice(["events", "failed_events"]),
    default="events",
    show_default=True,
    help="Which table, where no identifier is named.",
)
@click.option("--since", type=_DAY, help="The first day of a table that is wanted.")
@click.option("--until", type=_DAY, help="The last day of a table that is wanted.")
@click.option(
    "--output",
    "-o",
    metavar="PATH",
    help="A file, or for a table a folder, which gets a file a day.  [default: standard output]",
)
def export(file: Path | None, form: str | None, output: str | None, **flags: Any) -> None:
    """Copy what is stored about somebody, as JSON; or a whole table, as Parquet or enriched TSV.

    The TSV has the 131 columns that Snowplow's analytics SDKs read.

    Example: whiteout export --format parquet --since 2026-11-01 -o events.parquet
    """
    from whiteout.commands.exporting import ExportError, Wish, export_person, export_table  # noqa: PLC0415
    from whiteout.lake import LakeError  # noqa: PLC0415
    from whiteout.rights import RightsError  # noqa: PLC0415

    selector = _selector(flags)
    table = flags.pop("table")
    since, until = (_day(flags.pop(name)) for name in ("since", "until"))
    config = _config(file, flags)
    try:
        if selector is None:
            if form == "json":
                raise click.UsageError("JSON is the form of one identifier's data; name one")
            export_table(config.folder, Wish(form or "tsv", table, output, since, until))
        elif form not in (None, "json") or since or until:
            raise click.UsageError("one identifier's data is exported as JSON, and all of it")
        else:
            export_person(config.folder, selector, output)
    except (ExportError, LakeError, RightsError) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        raise click.ClickException("interrupted; no file was left half written") from None


def _config(file: Path | None, flags: dict[str, Any]) -> Config:
    config, _ = load_config(file, flags)
    require_data(config)
    return config


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.date().isoformat()


def _confirm(text: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here: add --yes")
    click.confirm(f"{text} Go on?", abort=True, err=True)


def _have_done(carry_out: Callable[[], Any], *, as_json: bool) -> Any:
    """Carry something out, and show its receipt."""
    from whiteout.commands.asking import AskingError, show  # noqa: PLC0415

    try:
        receipt = carry_out()
    except AskingError as error:
        raise click.ClickException(str(error)) from None
    show(receipt, as_json=as_json)
    return receipt


def _end(receipt: Any) -> None:
    """End with the exit code of a receipt."""
    if not receipt["clean"]:
        raise click.exceptions.Exit(1)
