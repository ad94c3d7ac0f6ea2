"""HTTP by hand, as the proof sends it: see `whiteout.proof.wire`."""

from __future__ import annotations

from whiteout.proof.wire import Answer, abandon, exchange, request

__all__ = ["Answer", "abandon", "exchange", "request"]
