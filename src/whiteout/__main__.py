"""The command `whiteout`, and what it says where only the bare package is installed."""

from __future__ import annotations

import sys

_MISSING = """\
whiteout: this command needs the server parts ({name} is not installed).
Install them with:  pip install 'whiteout[server]'
"""


def main() -> None:
    """Run the command line; exit with 2 and advice when a package it needs is missing."""
    try:
        from whiteout.cli import main as command  # noqa: PLC0415 - it may not be importable
    except ModuleNotFoundError as error:
        name = error.name or ""
        if name.partition(".")[0] in ("", "whiteout"):
            raise
        sys.stderr.write(_MISSING.format(name=name))
        sys.exit(2)
    command()


if __name__ == "__main__":
    main()
