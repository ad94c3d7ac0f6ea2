"""The documentation says everything there is, and nothing that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from scripts import reference
from whiteout.app import ENDPOINTS
from whiteout.options import OPTIONS
from whiteout.protocol.columns import EVENT_COLUMNS, FAILED_COLUMNS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
CODE = sorted(
    path
    for folder in ("src", "tests", "bench", "scripts", "frontend/src")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".ts", ".css", ".html", ".mjs"} and "node_modules" not in path.parts
)

RULE = re.compile(
    r"(?<![\w.\-/#])(?:[A-E]-\d{1,2}|F-P?\d{1,2}|[RWS]\d{1,3}|[A-F]\.\d{1,2})(?![\w\-])"
)
CONTRACTS = re.compile(r"\bcontracts? (\d+(?:(?:, | and |, and | or | to |-)\d+)*)")
WAIVER = re.compile(r"#\s*(?:noqa|type: ignore).*")


def text_of(name: str) -> str:
    """A page of the reference."""
    return (REFERENCE / name).read_text()


def commands() -> dict[str, click.Command]:
    """Every command by its full name."""
    return {context.command_path: context.command for context in reference.contexts()}


def rules_in(text: str) -> Iterator[str]:
    """Every rule that a text refers to, by its number."""
    for line in text.splitlines():
        bare = WAIVER.sub("", line)
        yield from (match.group() for match in RULE.finditer(bare))
        for match in CONTRACTS.finditer(bare):
            yield from (f"contract {number}" for number in re.findall(r"\d+", match.group(1)))


def explained_rules() -> list[str]:
    """Every rule that `docs/rules.md` explains."""
    page = (DOCS / "rules.md").read_text()
    return re.findall(r"^- \*\*([^*]+)\*\*: \S", page, flags=re.MULTILINE)


def test_reference_pages_are_up_to_date() -> None:
    """The pages of the reference are what `make reference` writes."""
    assert reference.stale() == []


def test_every_option_is_documented() -> None:
    """Each option stands in the reference with its flag, its variable, its key and a meaning."""
    page = text_of("configuration.md")
    missing = [
        option.key
        for option in OPTIONS
        if not option.doc
        or f"`{option.flag} " not in page
        or f"`{option.env}`" not in page
        or f"`{option.key}`" not in page
    ]
    assert missing == []


def test_every_command_and_its_options_are_documented() -> None:
    """Each command stands in the reference with a help text, and so does each of its options."""
    page = text_of("cli.md")
    anywhere = page + text_of("configuration.md")
    missing = [
        f"{name} {'/'.join(parameter.opts)}"
        for name, command in commands().items()
        for parameter in command.get_params(click.Context(command))
        if isinstance(parameter, click.Option) and f"{parameter.opts[0]}" not in anywhere
    ]
    missing += [
        name
        for name, command in commands().items()
        if f"## `{name}`" not in page or not command.help
    ]
    assert missing == []


def test_every_endpoint_is_documented() -> None:
    """Each endpoint stands in the reference with its methods, its path and a meaning."""
    page = text_of("endpoints.md")
    rows = [f"| {row.methods} | `{row.path}` | {row.doc} |" for row in ENDPOINTS]
    assert [row for row in rows if row not in page] == []


def test_every_column_is_documented() -> None:
    """Each column of both tables stands in the reference with a meaning."""
    events, failed = text_of("events.md").split("## `failed_events`")
    missing = [column.name for column in EVENT_COLUMNS if f"`{column.name}`" not in events]
    missing += [column.name for column in FAILED_COLUMNS if f"`{column.name}`" not in failed]
    missing += [column.name for column in (*EVENT_COLUMNS, *FAILED_COLUMNS) if not column.doc]
    assert missing == []


def test_every_rule_is_explained() -> None:
    """Each rule number in code, tests and docs is explained in `docs/rules.md`."""
    explained = set(explained_rules())
    missing = {
        f"{rule} ({path.relative_to(ROOT)})"
        for path in (*CODE, *PAGES)
        for rule in rules_in(path.read_text())
        if rule not in explained
    }
    assert sorted(missing) == []


def test_rules_are_explained_once() -> None:
    """No rule has two explanations."""
    rules = explained_rules()
    assert len(rules) == len(set(rules))


def code_in(page: str) -> list[str]:
    """Every fenced block and every span of code of a page."""
    fence = re.compile(r"^```[^\n]*\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
    return fence.findall(page) + re.findall(r"`([^`]+)`", fence.sub("", page))


def test_pages_name_only_commands_that_exist() -> None:
    """What the pages show of the command line works: commands, flags, variables, make targets."""
    flags = {option.flag for option in OPTIONS} | {
        flag
        for command in commands().values()
        for parameter in command.get_params(click.Context(command))
        for flag in parameter.opts
    }
    variables = {option.env for option in OPTIONS} | {"WHITEOUT_CONFIG"}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    wrong = []
    for path in PAGES:
        for code in code_in(path.read_text()):
            wrong += [
                f"{path.name}: {code}"
                for name in re.findall(r"(?:^|\n|bin/)whiteout (?!is ready)([a-z]+)", code)
                if f"whiteout {name}" not in commands()
            ]
            if "whiteout" in code or "make run" in code:
                wrong += [
                    f"{path.name}: {code}"
                    for flag in re.findall(r"(?<=[\s\"])--[a-z][a-z\-]+", code)
                    if flag not in flags
                ]
            wrong += [
                f"{path.name}: {code}"
                for name in re.findall(r"\bWHITEOUT_[A-Z_]+\b", code)
                if name not in variables
            ]
            wrong += [
                f"{path.name}: {code}"
                for name in re.findall(r"(?:^|\n)make ([a-z]+)", code)
                if name not in targets
            ]
    assert wrong == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    """Each relative link of a page leads to a file, and to a heading where it names one."""
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        file = path.parent / name if name else path
        if not file.exists() or (heading and heading not in headings(file)):
            wrong.append(target)
    assert wrong == []


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
