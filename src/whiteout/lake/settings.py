"""How the lake is kept: the settings of this room."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class LakeSettings:
    """How big files get and how long what is superseded stays.

    `grace_seconds`: how long a replaced file, log entry or checkpoint stays on disk for readers
    that hold no lease (other programs reading the Delta table).
    `orphan_seconds`: how long a file that no commit names stays, before it counts as left over.
    `cold_seconds`: how long a day must be without new rows before its files are merged for good.
    `max_rows_per_file`: a bigger commit is cut into several.
    `small_bytes`, `small_files`: that many files below that size in one day are merged.
    `target_bytes`: what merged files grow to, some 250,000 events.
    `commits_per_checkpoint`: a checkpoint is written after so many commits.
    `daily_rest_seconds`: how long a day's files must be unchanged before it gets a roll-up.
    `funnel`: the pages whose funnel is counted by day, as patterns of paths in their order; None
    leaves it as it was.
    `durable`: whether a commit reaches the disk before it is reported (fsync).
    """

    grace_seconds: float = 120.0
    orphan_seconds: float = 3600.0
    cold_seconds: float = 3600.0
    max_rows_per_file: int = 250_000
    small_bytes: int = 2 * MIB
    small_files: int = 50
    target_bytes: int = 24 * MIB
    commits_per_checkpoint: int = 10
    daily_rest_seconds: float = 60.0
    funnel: tuple[str, ...] | None = None
    durable: bool = True
