"""The vocabulary of the tracker protocol: parameters, columns, envelope, cookies, records."""

from __future__ import annotations
