"""The command `whiteout micro`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from whiteout.commands.common import load_config, options
from whiteout.config import ConfigError
from whiteout.options import OPTIONS

_NOT_OF_MICRO = frozenset(
    {
        *("data", "workers", "official_tracker", "stop_delay", "stop_unhealthy"),
        *("commit_interval", "feed_size", "root_status", "root_headers", "root_body"),
        "retention_days",
    }
)


@click.command()
@options(*(option.name for option in OPTIONS if option.name not in _NOT_OF_MICRO))
@click.option(
    "--max-events",
    "most",
    default=10_000,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="Newest events that are kept.",
)
@click.option("--no-storage", is_flag=True, help="Keep no events; /micro is not there then.")
@click.option(
    "--output-json", "-j", is_flag=True, help="Print every event that is good, as a line of JSON."
)
@click.option(
    "--iglu",
    "-i",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration of an Iglu resolver (JSON) with further registries of schemas.",
)
def micro(
    file: Path | None,
    most: int,
    iglu: Path | None,
    *,
    no_storage: bool,
    output_json: bool,
    **flags: object,
) -> None:
    """Run a collector for tests: its events are in memory, and /micro tells of them.

    An event is to be seen there once it was acknowledged. A bad event fails with its batch, and so
    does one whose schema is not known, unless the options say otherwise. Nothing is written to
    disk.
    """
    from whiteout.micro import (  # noqa: PLC0415
        MicroSettings,
        micro_config,
        print_event,
        serve_micro,
    )
    from whiteout.registries import registries_in, registries_of_environment  # noqa: PLC0415
    from whiteout.server import StartError  # noqa: PLC0415

    config, settings = load_config(file, flags)
    try:
        further = (registries_in(iglu) if iglu else ()) + registries_of_environment(os.environ)
        serve_micro(
            micro_config(config, settings),
            MicroSettings(most, not no_storage, print_event if output_json else None, further),
            announce=lambda address: click.echo(
                f"whiteout is ready: {address}\nEvents: {address}/micro/all", err=output_json
            ),
        )
    except ConfigError as error:
        raise click.UsageError(str(error)) from None
    except StartError as error:
        raise click.ClickException(str(error)) from None
