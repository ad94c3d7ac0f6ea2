"""The command `whiteout`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from whiteout import __version__
from whiteout.commands.common import load_config as _load
from whiteout.commands.common import options as _options
from whiteout.commands.common import require_data as _require_data
from whiteout.commands.micro import micro
from whiteout.commands.profile import profile
from whiteout.commands.proof import audit, prove
from whiteout.commands.rights import export, forget, retain
from whiteout.commands.schema import schema
from whiteout.config import Config, Setting
from whiteout.config import plain as _plain


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="whiteout")
def main() -> None:
    """Event tracking for the web that can white out who you are.

    Shell completion: eval "$(_WHITEOUT_COMPLETE=bash_source whiteout)", or zsh_source, fish_source.
    """


@main.command()
@_options()
def up(file: Path | None, **flags: object) -> None:
    """Run everything: collector, pipeline, lake and live page.

    Ctrl-C stops it once everything that was accepted is in the lake.
    """
    _serve(_load(file, flags)[0], everything=True)


@main.command()
@_options()
def collect(file: Path | None, **flags: object) -> None:
    """Run the collector alone; events wait in the spool until `whiteout up` loads them."""
    _serve(_load(file, flags)[0], everything=False)


def _serve(config: Config, *, everything: bool) -> None:
    from whiteout.server import StartError, serve  # noqa: PLC0415 (keeps other commands quick)

    def announce(address: str) -> None:
        click.echo(f"whiteout is ready: {address}")
        if everything:
            click.echo(f"Send a first event: {address}/try")

    try:
        serve(config, everything=everything, announce=announce)
    except StartError as error:
        raise click.ClickException(str(error)) from None


@main.command()
@_options("data")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 5000))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--follow", "-f", is_flag=True, help="Go on with events as they arrive.")
def events(file: Path | None, limit: int, *, as_json: bool, follow: bool, **flags: object) -> None:
    """Show the newest events, oldest first."""
    from whiteout.commands.listing import show_events  # noqa: PLC0415

    config, _ = _load(file, flags)
    _require_data(config)
    try:
        show_events(config.folder, limit, as_json=as_json, follow=follow)
    except KeyboardInterrupt:
        click.echo()


@main.command()
@_options("data")
@click.argument("query")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    help="How to print the result.  [default: table on a terminal, else csv]",
)
def sql(file: Path | None, query: str, form: str | None, **flags: object) -> None:
    """Query the tables `events` and `failed_events` in SQL (DuckDB).

    Example: whiteout sql "select mode_inferred, count(*) from events group by 1"
    """
    from whiteout.commands.query import QueryError, run_query  # noqa: PLC0415
    from whiteout.lake import LakeError  # noqa: PLC0415

    config, _ = _load(file, flags)
    _require_data(config)
    try:
        run_query(config.folder / "lake", query, form)
    except (QueryError, LakeError) as error:
        raise click.ClickException(str(error)) from None


@main.command()
@_options("host", "port")
@click.option(
    "--collector",
    metavar="URL",
    help="Address of the collector as browsers reach it.  [default: the one of this configuration]",
)
@click.option("--app-id", metavar="TEXT", help="What the site is called in the events.")
@click.option("--namespace", default="sp", show_default=True, help="Name of the tracker.")
@click.option(
    "--function", default="snowplow", show_default=True, help="Name of the function in the page."
)
@click.option("--nonce", metavar="TEXT", help="For a content security policy with a nonce.")
@click.option(
    "--sri",
    "pinned",
    is_flag=True,
    help="Only this very version of the script, checked by its hash. Print the snippet anew after "
    "an upgrade.",
)
@click.option("--json", "as_json", is_flag=True, help="As one JSON object, with the hash (SRI).")
def tag(file: Path | None, collector: str | None, *, as_json: bool, **flags: Any) -> None:
    """Print the lines that load the browser tag in a page."""
    from whiteout.commands.snippet import Snippet  # noqa: PLC0415

    config, _ = _load(file, {name: flags.pop(name) for name in ("host", "port")})
    if collector is None:
        host = f"[{config.host}]" if ":" in config.host else config.host
        collector = f"http://{host}:{config.port}"
    elif not collector.startswith(("http://", "https://")):
        raise click.UsageError("--collector takes an address with http:// or https://")
    snippet = Snippet(collector, **flags)
    if as_json:
        click.echo(json.dumps(snippet.facts(), indent=2))
        return
    click.echo(snippet.html(), nl=False)


for _command in (audit, forget, retain, export, micro, profile, prove, schema):
    main.add_command(_command)


@main.command(name="config")
@_options()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def show_config(file: Path | None, *, as_json: bool, **flags: object) -> None:
    """Show every option, its value and where that comes from."""
    _, settings = _load(file, flags)
    shown = {
        setting.option.key: {"value": _safe(setting), "source": setting.source}
        for setting in settings
    }
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    width = max(map(len, shown))
    for key, entry in shown.items():
        value = _plain(entry["value"]) if entry["value"] is not None else "-"
        click.echo(f"{key:<{width}}  {value}  ({entry['source']})")


def _safe(setting: Setting) -> object:
    if setting.option.secret and setting.value:
        return "(set)"
    return list(setting.value) if isinstance(setting.value, tuple) else setting.value
