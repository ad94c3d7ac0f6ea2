"""The privacy desk of one web worker: begins the work of others, and tells how it stands.

Proofs, audits, erasures and expiry each run in a child process (`job.py`), so that a worker neither
loads what they need nor waits for them. What is going on stands in the data folder, under `jobs/`,
where every worker sees it: a file a kind with how far it is, and a lock that the child holds for as
long as it lives. An identifier reaches the child by its standard input and stands in none of them.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from whiteout.config import Config, Setting
from whiteout.live import KINDS, DeskBusy, DeskUnavailable, Order
from whiteout.options import OPTIONS
from whiteout.parent import LISTENER, RUNTIME
from whiteout.profiles import PROFILES
from whiteout.protocol.folders import RECEIPTS, REQUEST, REQUESTS, STATE, now, write_privately

JOBS: Final = "jobs"
"""Folder of what is being done for the privacy desk."""

JOB: Final = "whiteout.job"
"""The module that a child runs."""

RUNNING: Final = "running"
MOST_LISTED: Final = 200

_STOP: Final = ".stop"
_LOCK: Final = ".lock"
_LOCK_TRIES = 25
_LOCK_PAUSE = 0.02
_PATIENCE = 6.0
_SUMMARY = ("receipt", "kind", "by", "days_kept", "asked", "done", "clean", "failed", "removed")


class PrivacyDesk:
    """The desk over a data folder. All methods may be called from any thread."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._jobs = config.folder / JOBS
        self._receipts = config.folder / RECEIPTS
        self._requests = config.folder / REQUESTS
        self._known: dict[str, dict[str, Any]] = {}
        self._children: list[subprocess.Popen[bytes]] = []
        self._guard = threading.Lock()

    def state(self) -> dict[str, Any]:
        """Jobs by kind, requests that wait, the newest receipts, and the days that are kept."""
        with _told():
            jobs = [self._job(kind) for kind in KINDS]
            return {
                "jobs": [job for job in jobs if job],
                "waiting": self._waiting(),
                "receipts": self._summaries(),
                "retention_days": self._config.retention_days,
            }

    def profiles(self) -> list[dict[str, Any]]:
        """Every profile beside the configuration in force."""
        from whiteout.commands.profile import facts  # noqa: PLC0415 (only who looks needs it)

        settings = [
            Setting(option, getattr(self._config, option.name), "in force") for option in OPTIONS
        ]
        return [facts(profile, self._config, settings) for profile in PROFILES.values()]

    def receipt(self, name: str) -> bytes | None:
        """The file of a receipt."""
        try:
            return (self._receipts / name).read_bytes()
        except OSError:
            return None

    def start(self, order: Order) -> dict[str, Any]:
        """Begin in a child process. Raises DeskBusy and DeskUnavailable."""
        with _told():
            self._jobs.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._lock(order.kind) as lock:
                (self._jobs / (order.kind + _STOP)).unlink(missing_ok=True)
                job = {
                    "kind": order.kind,
                    "began": now(),
                    "status": RUNNING,
                    "step": "starting",
                    **_told_of(order),
                }
                write_state(self._jobs, job)
                self._spawn(order, job, lock)
        return job

    def stop(self, kind: str) -> bool:
        """Ask the child of a kind to stop, whichever worker it belongs to."""
        with _told():
            if self._job(kind).get("status") != RUNNING:
                return False
            (self._jobs / (kind + _STOP)).touch(mode=0o600)
        return True

    def close(self) -> None:
        """End what this worker began, and wait until it did; a request that was made goes on."""
        with self._guard:
            children, self._children = self._children, []
        for child in children:
            if child.stdin is not None:
                child.stdin.close()
        until = time.monotonic() + _PATIENCE
        for child in children:
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(until - time.monotonic(), 0))

    # Jobs

    def _spawn(self, order: Order, job: dict[str, Any], lock: int) -> None:
        environment = {k: v for k, v in os.environ.items() if k not in (RUNTIME, LISTENER)}
        child = subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", JOB],
            stdin=subprocess.PIPE,
            # Whatever a library says could name somebody; the child's own words are in its file.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            pass_fds=[lock],
        )
        given = {
            "config": self._config.as_values(),
            "job": job,
            "selector": order.selector,
            "value": order.value,
        }
        assert child.stdin is not None  # noqa: S101 (asked for above)
        child.stdin.write(json.dumps(given).encode() + b"\n")
        child.stdin.flush()
        with self._guard:
            self._children.append(child)
        threading.Thread(target=self._reap, args=[child], name="desk-job", daemon=True).start()

    def _reap(self, child: subprocess.Popen[bytes]) -> None:
        child.wait()
        if child.stdin is not None:
            child.stdin.close()
        with self._guard, suppress(ValueError):
            self._children.remove(child)

    def _job(self, kind: str) -> dict[str, Any]:
        job = _read(self._jobs / f"{kind}.json")
        if job.get("status") == RUNNING and self._is_free(kind):
            # It may have ended between the two looks.
            job = _read(self._jobs / f"{kind}.json")
            if job.get("status") == RUNNING:
                job = {**job, "status": "ended"}
        return job

    def _is_free(self, kind: str) -> bool:
        try:
            with self._lock(kind, tries=1):
                return True
        except (DeskBusy, FileNotFoundError):
            return False

    @contextmanager
    def _lock(self, kind: str, tries: int = _LOCK_TRIES) -> Iterator[int]:
        """Hold the lock of a kind; a child that inherits it holds it on. Raises DeskBusy."""
        lock = os.open(self._jobs / (kind + _LOCK), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            for attempt in range(tries):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    # Who only looks whether it is free holds it for a moment.
                    if attempt == tries - 1:
                        raise DeskBusy from None
                    time.sleep(_LOCK_PAUSE)
            yield lock
        finally:
            os.close(lock)

    # Requests and receipts

    def _waiting(self) -> list[dict[str, Any]]:
        """How far requests are, whoever made them; who they are about is not even read."""
        names = sorted(path.stem for path in self._requests.glob(f"*{REQUEST}"))
        found = []
        for number in names:
            state = _read(self._requests / (number + STATE))
            shown = {key: state.get(key) for key in ("step", "done", "total", "trouble")}
            found.append({"number": number, **shown})
        return found

    def _summaries(self) -> list[dict[str, Any]]:
        """The newest receipts, in short; each file is read once, for it never changes."""
        names = sorted((path.name for path in self._receipts.glob("*.json")), reverse=True)
        found = []
        for name in names[:MOST_LISTED]:
            if name not in self._known:
                self._known[name] = _summary(_read(self._receipts / name))
            found.append(self._known[name])
        return sorted(found, key=lambda short: str(short.get("done")), reverse=True)


def write_state(jobs: Path, job: Mapping[str, Any]) -> None:
    """Write how far a job is, whole or not at all."""
    write_privately(jobs / f"{job['kind']}.json", json.dumps(job).encode())


def _told_of(order: Order) -> dict[str, Any]:
    """What of an order everybody may read who comes to the desk."""
    if order.kind == "prove":
        return {"running": order.running}
    if order.kind == "audit":
        return {"full": order.full}
    return {"by": order.selector} if order.kind == "forget" else {"days": order.days}


def _summary(receipt: dict[str, Any]) -> dict[str, Any]:
    short = {key: receipt[key] for key in _SUMMARY if key in receipt}
    report = receipt.get("report")
    if isinstance(report, dict):
        short |= {"headline": report.get("headline"), "verdict": report.get("verdict")}
    return short


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the disk or the system refuses into a DeskUnavailable."""
    try:
        yield
    except OSError as error:
        raise DeskUnavailable(f"the data folder cannot be used: {error.strerror}") from None
