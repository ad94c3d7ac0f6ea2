"""whiteout: event tracking for the web that can white out who you are."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
