"""The commands `whiteout prove` and `whiteout audit`."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from whiteout import __version__
from whiteout.commands.common import Command, load_config, options, require_data

if TYPE_CHECKING:
    from whiteout.proof.report import Report
    from whiteout.proof.system import System


class CannotTell(click.ClickException):
    """The command could not find out what it was asked: exit code 2."""

    exit_code = 2


def _report_flags(command: Command) -> Command:
    for flag in (
        click.option("--json", "as_json", is_flag=True, help="The report as one JSON object."),
        click.option(
            "--html",
            type=click.Path(path_type=Path, dir_okay=False, writable=True),
            metavar="FILE",
            help="Write the report as a page for people, one file that loads nothing.",
        ),
    ):
        command = flag(command)
    return command


@click.command()
@click.option(
    "--url",
    metavar="URL",
    help="A system that is running, by the address at which trackers reach it; with --data.  "
    "[default: one of its own, which is thrown away]",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The data folder of the system at --url.",
)
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A log of the system at --url that is to be searched; may be repeated.",
)
@click.option(
    "--token",
    envvar="WHITEOUT_TOKEN",
    metavar="TEXT",
    help="Access token of the system at --url. Environment: WHITEOUT_TOKEN.",
)
@_report_flags
def prove(
    url: str | None,
    data: Path | None,
    logs: tuple[Path, ...],
    token: str | None,
    html: Path | None,
    *,
    as_json: bool,
) -> None:
    """Prove that what must not be kept is kept nowhere.

    Sends requests full of made-up identifiers into a running system, in every mode, sound and
    broken ones, and then searches every byte that is left: answers, data folder, logs, live stream
    and metrics. Identified requests must leave theirs, or the search itself is at fault.

    A running system gets some 300 made-up events (app ids of `…nothing.RUN` are the identified
    ones).

    The exit code is 0 when it is proved, 1 when something was found where it must not be, and 2
    when the proof could not be carried out.
    """
    from whiteout.proof.system import ProofError  # noqa: PLC0415 (keeps other commands quick)

    if (url is None) != (data is None):
        raise click.UsageError("--url and --data go together: they name one running system")
    try:
        report = proved(_tell, url, data, logs, token)
    except ProofError as error:
        raise CannotTell(str(error)) from None
    except KeyboardInterrupt:
        raise CannotTell("interrupted; nothing is proved") from None
    _show(report, html, as_json=as_json)


def proved(
    tell: Callable[[str], None],
    url: str | None = None,
    data: Path | None = None,
    logs: tuple[Path, ...] = (),
    token: str | None = None,
) -> Report:
    """Prove a running system, or one that is thrown away. Raises ProofError."""
    from whiteout.proof.prove import Proof  # noqa: PLC0415 (keeps other commands quick)
    from whiteout.proof.proving import report_of  # noqa: PLC0415

    with _systems(url, data, logs, token) as (system, compat, stop):
        evidence = Proof(system, tell, compat).carry_out(stop)
    return report_of(evidence, own=system.own)


@click.command()
@options("data")
@click.option("--full", is_flag=True, help="Read every file, those that were clean before too.")
@_report_flags
def audit(file: Path | None, html: Path | None, *, full: bool, as_json: bool, **flags: Any) -> None:
    """Compare what is stored with what it may be.

    Reads every event and every failed event of the lake, all columns, URLs and JSON included, and
    looks for identifiers that its declared mode or the header of its request forbids. Files that
    were clean are not read again next time. Works while whiteout runs.

    The exit code is 0 when nothing was found, 1 when something was, and 2 when the lake could not
    be read.
    """
    from whiteout.lake import LakeError  # noqa: PLC0415 (keeps other commands quick)

    config, _ = load_config(file, flags)
    require_data(config)
    try:
        report, trouble = audited(config.folder, full=full, progress=_progress)
    except LakeError as error:
        raise CannotTell(str(error)) from None
    except KeyboardInterrupt:
        raise CannotTell("interrupted; nothing was found out") from None
    if trouble is not None:
        click.echo(
            f"The next audit reads all files again: {config.folder} takes no file "
            f"({trouble.strerror}).",
            err=True,
        )
    _show(report, html, as_json=as_json)


def audited(
    folder: Path, *, full: bool, progress: Callable[[int, int], None]
) -> tuple[Report, OSError | None]:
    """Audit a data folder; with the report, why it cannot be remembered. Raises LakeError."""
    from whiteout.proof.audit import audit as carry_out  # noqa: PLC0415 (as above)
    from whiteout.proof.audited import Memory  # noqa: PLC0415
    from whiteout.proof.auditing import report_of  # noqa: PLC0415

    began = time.monotonic()
    memory = Memory(folder, full=full)
    found = carry_out(folder, memory=memory, progress=progress)
    report = report_of(found, time.monotonic() - began)
    try:
        memory.save()
    except OSError as error:
        return report, error
    return report, None


def _progress(done: int, total: int) -> None:
    _tell(f"{done} of {total} files")


@contextmanager
def _systems(
    url: str | None, data: Path | None, logs: tuple[Path, ...], token: str | None
) -> Iterator[tuple[System, System | None, Callable[[], None] | None]]:
    """The system under proof, one in compat mode, and what ends them, as far as they are ours."""
    from whiteout.proof.system import COMPAT, ThrowAway, running, stop  # noqa: PLC0415

    if url is not None and data is not None:
        yield running(url, data, logs, token), None, None
        return
    with (
        tempfile.TemporaryDirectory(prefix="whiteout-prove-") as folder,
        ThrowAway(Path(folder, "strict")) as strict,
        ThrowAway(Path(folder, "compat"), COMPAT) as compat,
    ):
        yield strict.ready(), compat.ready(), lambda: stop(strict, compat)


def _tell(text: str) -> None:
    """Say on a terminal what is being done."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text} …", err=True, nl=False)


def _show(report: Report, html: Path | None, *, as_json: bool) -> None:
    """Print a report, write its page, and end with its exit code."""
    from whiteout.proof.page import page  # noqa: PLC0415

    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
    if html is not None:
        try:
            html.write_text(page(report, __version__), encoding="utf-8")
        except OSError as error:
            raise CannotTell(f"cannot write {html}: {error.strerror}") from None
    click.echo(report.as_json() if as_json else report.as_text())
    if html is not None and not as_json:
        click.echo(f"\nThe report as a page: {html}")
    sys.exit(report.verdict.exit_code)
