"""How results are printed: what was measured, against which limit."""

from __future__ import annotations


def show(title: str) -> None:
    """Print the title of a measurement."""
    print(f"\n{title}")


def note(text: str) -> None:
    """Print a figure that is not judged."""
    print(f"  {text}")


def judge(text: str, value: float, limit: float, *, at_least: bool, unit: str = "") -> bool:
    """Print a figure beside its limit; whether it holds."""
    good = value >= limit if at_least else value <= limit
    word = "at least" if at_least else "at most"
    mark = "ok  " if good else "MISS"
    print(f"  {mark} {text}: {value:,.3g}{unit} ({word} {limit:,.3g}{unit})")
    return good
