"""Write the pages of `docs/reference/` from the tables that the code itself uses.

Usage: python scripts/reference.py [--check]. With `--check` nothing is written; a page that is
missing or stale is named, and the exit code is 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from inspect import cleandoc
from pathlib import Path

import click

from whiteout.app import ENDPOINTS
from whiteout.cli import main as command_line
from whiteout.lake.daily import daily_tables
from whiteout.options import OPTIONS
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS, Column

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
_NOTE = "<!-- Written by `make reference`; changes made by hand are lost. -->"

_TYPES: dict[str, str] = {
    "string": "text",
    "uuid": "text, a UUID in lower case",
    "int": "whole number",
    "double": "number",
    "bool": "true or false",
    "ts": "time stamp in UTC, to the millisecond",
    "json": "text, compact JSON",
    "strings": "list of texts",
    "date": "text, a day as `YYYY-MM-DD`",
}
"""What each type of column is, in words."""

_FLAGS = frozenset(option.flag for option in OPTIONS)


def configuration() -> str:
    """The page of options."""
    rows = (
        (
            f"`{option.flag} {option.takes}`",
            f"`{option.env}`",
            f"`{option.key}`",
            _default(option.default),
            option.doc,
        )
        for option in OPTIONS
    )
    return _page(
        "Configuration",
        "Every option can be given as a flag, as an environment variable, or as a key of a TOML\n"
        "file; a flag wins over the environment, the environment over the file. A key with a dot\n"
        "stands in a table: `collector.gpc` is `gpc` under `[collector]`. `whiteout config` shows\n"
        "what is in force and where each value comes from.",
        _table(("flag", "environment", "TOML key", "default", "meaning"), rows),
    )


def cli() -> str:
    """The page of commands."""
    return _page(
        "Commands",
        "`whiteout COMMAND --help`, or `-h`, prints the same.",
        "\n\n".join(_command(context) for context in contexts()),
    )


def endpoints() -> str:
    """The page of HTTP endpoints."""
    rows = ((endpoint.methods, f"`{endpoint.path}`", endpoint.doc) for endpoint in ENDPOINTS)
    return _page(
        "Endpoints",
        "What `whiteout up` answers, on one port. `whiteout collect` answers the paths of the\n"
        "collector alone.",
        _table(("methods", "path", "meaning"), rows),
    )


def events() -> str:
    """The page of columns."""
    return _page(
        "Columns",
        "Both tables are Delta tables, partitioned by `collector_date`, and open to\n"
        "`whiteout sql` and to every tool that reads Delta. Absence is null. Columns in bold are\n"
        "never null.",
        f"## `events`\n\n{_columns(EVENT_COLUMNS)}\n\n"
        "The view `unique_events` has the same columns, and of events that came several times on\n"
        "a day only the first.\n\n"
        f"## `failed_events`\n\n{_columns(FAILED_COLUMNS)}\n\n"
        "## Counted by day\n\n"
        "Roll-ups, which `whiteout sql` and `open_tables` have as tables; what they are stands in\n"
        "[Questions to the table](../sql.md#counted-by-day).\n\n"
        + "\n\n".join(
            f"### `{table.name}`\n\n{table.doc}\n\n{_columns(table.columns)}"
            for table in daily_tables()
        ),
    )


PAGES = {
    "configuration.md": configuration,
    "cli.md": cli,
    "endpoints.md": endpoints,
    "events.md": events,
}


def stale() -> list[str]:
    """Names of the pages that are missing or do not say what the code says."""
    return [
        name
        for name, page in PAGES.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text() != page()
    ]


def contexts(parent: click.Context | None = None) -> Iterator[click.Context]:
    """Every command in a context of its own, whose `command_path` is the command's full name."""
    if parent is None:
        settings = command_line.context_settings
        parent = click.Context(command_line, info_name="whiteout", **settings)
    yield parent
    if isinstance(parent.command, click.Group):
        for child in parent.command.commands.values():
            if not child.hidden:
                yield from contexts(click.Context(child, parent=parent, info_name=child.name))


def _command(context: click.Context) -> str:
    command = context.command
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    parts = [f"## `{context.command_path}`", f"    {usage}", _paragraphs(command.help or "")]
    options = [
        parameter
        for parameter in command.get_params(context)
        if isinstance(parameter, click.Option) and "--help" not in parameter.opts
    ]
    own = [option for option in options if not _FLAGS & set(option.opts)]
    if len(options) - len(own) == len(OPTIONS):
        parts.append("Takes every option of [Configuration](configuration.md) as a flag, and:")
    else:
        own = options
    records = [record for option in own if (record := option.get_help_record(context))]
    parts.append(_table(("option", "meaning"), [(f"`{names}`", text) for names, text in records]))
    return "\n\n".join(parts)


def _paragraphs(text: str) -> str:
    r"""The help text of a command: click's `\b` and `\f` marks removed."""
    return cleandoc(text.partition("\f")[0].replace("\b\n", ""))


def _columns(columns: Sequence[Column]) -> str:
    rows = []
    for column in columns:
        limit = "" if column.max_length is None else f", up to {column.max_length} characters"
        name = f"`{column.name}`" if column.nullable else f"**`{column.name}`**"
        rows.append((name, f"{_TYPES[column.type]}{limit}", column.doc))
    return _table(("column", "type", "meaning"), rows)


def _default(value: object) -> str:
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (tuple, list)):
        return f"`{','.join(str(part) for part in value)}`"
    return f"`{value}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in line) + " |"
        for line in lines
    )


def _page(title: str, introduction: str, body: str) -> str:
    return f"# {title}\n\n{_NOTE}\n\n{introduction}\n\n{body}\n"


def main(arguments: Sequence[str]) -> int:
    """Write all pages, or with `--check` name those that are stale."""
    if list(arguments) == ["--check"]:
        old = stale()
        for name in old:
            print(f"docs/reference/{name} is stale: run `make reference`", file=sys.stderr)
        return 1 if old else 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
