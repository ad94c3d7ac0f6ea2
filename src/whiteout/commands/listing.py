"""The list that `whiteout events` prints."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from whiteout.feed import FeedReader
from whiteout.privacy import BY_NAME, SHOWN_IDENTIFIERS, Mode, permission

_BAR = "█" * 8
_PAUSE = 0.1
_AT_ONCE = 500


def show_events(folder: Path, limit: int, *, as_json: bool, follow: bool) -> None:
    """Print the newest `limit` entries of the feed, and with `follow` what comes after them."""
    reader = FeedReader(folder / "feed.db")
    entries = reader.newest(limit)
    cursor = 0
    for number, raw in sorted(entries):
        cursor = number
        _print(raw, as_json=as_json)
    if not entries and not follow and not as_json:
        click.echo("There are no events yet. Send one from the page /try of a running whiteout.")
    while follow:
        for number, raw in reader.after(cursor, _AT_ONCE):
            cursor = number
            _print(raw, as_json=as_json)
        time.sleep(_PAUSE)


def _print(raw: bytes, *, as_json: bool) -> None:
    click.echo(raw.decode() if as_json else line(json.loads(raw)))


def line(entry: dict[str, Any]) -> str:
    """One line for people: time, name, mode, and the identifiers or the bars in their place."""
    failed = entry["kind"] == "failed"
    name = entry["failure"] if failed else entry.get("event_name") or "?"
    mode = _clean(entry["mode_inferred"] or "-")
    head = f"{entry['collector_tstamp']}  {_clean(name):<28}  {mode:<24}"
    if failed:
        return f"{head}  {click.style(_clean(entry['reason']), fg='red')}"
    shown = [f"{key}={text}" for key in SHOWN_IDENTIFIERS if (text := _identifier(entry, key))]
    return f"{head}  {'  '.join(shown)}"


def _identifier(entry: dict[str, Any], key: str) -> str:
    value = entry["identifiers"].get(key)
    if value is not None:
        return _clean(str(value))
    mode = entry["mode_inferred"]
    whited_out = key in BY_NAME and mode is not None and key not in permission(Mode(mode)).kept
    return _BAR if whited_out else ""


def _clean(text: object) -> str:
    """Text from a stranger, without what could steer a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))[:200]
