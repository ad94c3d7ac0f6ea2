"""Inputs that a coverage-guided fuzzer makes up: `python -m tests.support.guided NUMBER`."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any


def main(number: int) -> None:
    """Feed so many inputs; the fuzzer ends the process."""
    atheris: Any = importlib.import_module("atheris")
    # What is loaded here tells the fuzzer which of its lines are reached.
    with atheris.instrument_imports(include=["whiteout"]):
        fuzz = importlib.import_module("tests.support.fuzz")
    with tempfile.TemporaryDirectory() as name:
        corpus = Path(name) / "corpus"
        corpus.mkdir()
        for index, seed in enumerate(fuzz.SEEDS):
            (corpus / str(index)).write_bytes(seed)
        words = Path(name) / "words"
        lines = ("".join(f"\\x{byte:02x}" for byte in word[:60]) for word in fuzz.WORDS)
        words.write_text("".join(f'"{line}"\n' for line in lines))
        target = fuzz.Target(Path(name) / "data")

        def one(data: bytes) -> None:
            target.feed([data])

        limits = [f"-runs={number}", "-max_len=4096", "-timeout=5", "-rss_limit_mb=1500"]
        atheris.Setup([sys.argv[0], *limits, f"-dict={words}", str(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]))
