"""What the commands of `whiteout` are built of: options as flags, and the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from whiteout.config import Config, ConfigError, Setting, load, plain
from whiteout.option import Option
from whiteout.options import OPTIONS

Command = TypeVar("Command", bound=Callable[..., Any])

_CONFIG_FLAG = click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file (TOML). Environment: WHITEOUT_CONFIG. "
    "Default: whiteout.toml in this folder, if there is one.",
)


def _flag(option: Option) -> Callable[[Command], Command]:
    default = "" if option.default in (None, ()) else f"  [default: {plain(option.default)}]"
    return click.option(
        option.flag,
        option.name,
        metavar=option.takes,
        help=f"{option.doc} Environment: {option.env}.{default}",
    )


def options(*names: str) -> Callable[[Command], Command]:
    """Give a command the flags of some options, or of all."""

    def decorate(command: Command) -> Command:
        for option in reversed(OPTIONS):
            if not names or option.name in names:
                command = _flag(option)(command)
        return _CONFIG_FLAG(command)

    return decorate


def load_config(file: Path | None, flags: dict[str, object]) -> tuple[Config, list[Setting]]:
    """The configuration, and where each value came from. Raises UsageError."""
    try:
        return load(flags, file=file)
    except ConfigError as error:
        raise click.UsageError(str(error)) from None


def require_data(config: Config) -> None:
    """Raise ClickException where there is no data folder."""
    if not config.folder.is_dir():
        raise click.ClickException(
            f"there is no data folder {config.folder}. "
            "Name it with --data or WHITEOUT_DATA, or start whiteout with `whiteout up`."
        )
