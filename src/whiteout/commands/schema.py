"""The commands `whiteout schema list`, `show` and `lint`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from whiteout.commands.common import load_config, options


@click.group()
def schema() -> None:
    """List, show and check schemas of events and entities."""


@schema.command(name="list")
@click.option("--vendor", metavar="VENDOR", help="Only those of one vendor.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def list_schemas(vendor: str | None, *, as_json: bool) -> None:
    """Print the URIs of the schemas that whiteout brings."""
    from whiteout.commands.schema_tool import listed  # noqa: PLC0415

    found = listed(vendor)
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(found))


@schema.command(name="show")
@options("registries", "registry_keys")
@click.argument("uri")
def show_schema(file: Path | None, uri: str, **flags: object) -> None:
    """Print a schema as JSON, one that whiteout brings or one of a registry.

    Example: whiteout schema show iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0
    """
    from whiteout.commands.schema_tool import SchemaToolError, shown  # noqa: PLC0415

    config, _ = load_config(file, flags)
    try:
        click.echo(json.dumps(shown(config, uri), indent=2))
    except SchemaToolError as error:
        raise click.ClickException(str(error)) from None


@schema.command(name="lint")
@options("registries", "registry_keys")
@click.argument("places", nargs=-1, required=True, metavar="FILE|FOLDER|URI...")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def lint_schemas(
    file: Path | None, places: tuple[str, ...], *, strict: bool, as_json: bool, **flags: object
) -> None:
    """Say what is wrong with schemas, and what could be better. The exit code is 1 for errors.

    `-` reads one from standard input.
    """
    from whiteout.commands.schema_tool import SchemaToolError, linted  # noqa: PLC0415

    config, _ = load_config(file, flags)
    try:
        result = linted(config, places)
    except SchemaToolError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(result.facts(), indent=2))
    else:
        for name, finding in result.findings:
            click.echo(f"{name}: {finding.level}: {finding.path} {finding.message}")
        click.echo(f"{result.documents} schemas, {result.errors} errors", err=True)
    if result.errors or (strict and result.findings):
        raise click.exceptions.Exit(1)
