"""What `whiteout forget` and `whiteout retain` do: put down a request, and see it carried out.

Exactly one process owns the lake. Where that is a running loader, it finds the request; where there
is none, this process carries it out itself.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click

from whiteout.config import Config
from whiteout.feed import FeedError
from whiteout.lake import LakeError, LakeLocked
from whiteout.loader import loader_settings
from whiteout.pipeline import Loader
from whiteout.rights import Desk, Request, RightsError, State, lines
from whiteout.spool import SpoolError

_LOOK = 0.1
# A loader that has died is back sooner than this, and shall go on with it then.
_TAKE_OVER = 5.0
_TROUBLE = (FeedError, LakeError, RightsError, SpoolError)

Tell = Callable[[str, State], None]
"""Is told the number of a request and how far it is."""


class AskingError(Exception):
    """A request cannot be carried out; the text says why, and what to do."""


def ask(
    config: Config,
    kind: str,
    *,
    selector: str = "",
    value: str = "",
    days: int = 0,
    tell: Tell | None = None,
) -> Any:
    """Have a request carried out, and return its receipt. Raises AskingError.

    `tell` hears how far it is; by default a terminal does.
    """
    desk = Desk(config.folder)
    if tell is None and sys.stderr.isatty():
        tell = _on_terminal
    try:
        request = desk.ask(kind, selector=selector, value=value, days=days)
        with _progress(desk, request, tell):
            return _receipt(config, desk, request)
    except KeyboardInterrupt:
        raise AskingError(
            "interrupted; what was asked for is kept and goes on as soon as whiteout runs, "
            "or with the next `whiteout forget` or `whiteout retain`"
        ) from None
    except _TROUBLE as error:
        raise AskingError(
            f"{error}; what was asked for is kept and tried again when whiteout runs"
        ) from None


def _receipt(config: Config, desk: Desk, request: Request) -> dict[str, Any]:
    look_again = 0.0
    while True:
        receipt = desk.receipt(request.number)
        if receipt is not None:
            return receipt
        if time.monotonic() >= look_again:
            _try_to_do(config)
            look_again = time.monotonic() + _TAKE_OVER
        else:
            time.sleep(_LOOK)


def _try_to_do(config: Config) -> None:
    """Carry out what waits, unless somebody else owns the lake."""
    settings = loader_settings(config)
    # The command may know another configuration than what runs here otherwise.
    settings = replace(settings, lake=replace(settings.lake, funnel=None))
    try:
        loader = Loader(settings)
    except LakeLocked:
        return
    try:
        loader.attend()
    finally:
        loader.close()


@contextmanager
def _progress(desk: Desk, request: Request, tell: Tell | None) -> Iterator[None]:
    """Tell how far a request is, again and again."""
    if tell is None:
        yield
        return
    over = threading.Event()

    def show() -> None:
        while not over.wait(_LOOK):
            tell(request.number, desk.state(request.number))

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        if tell is _on_terminal:
            click.echo("\r\033[K", nl=False, err=True)


def _on_terminal(_number: str, state: State) -> None:
    click.echo(f"\r\033[K{_words(state)}", nl=False, err=True)


def _words(state: State) -> str:
    if state.trouble:
        return f"{state.trouble}; trying again"
    return f"{state.step} {state.done}/{state.total}" if state.total else f"{state.step} …"


def show(receipt: dict[str, Any], *, as_json: bool) -> None:
    """Print a receipt for people, or as JSON."""
    click.echo(json.dumps(receipt, indent=2) if as_json else "\n".join(lines(receipt)))
