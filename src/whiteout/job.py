"""One job of the privacy desk, in a process of its own.

Its standard input brings one line of JSON: the configuration, what to do, and where that names
somebody, who it is. Then it stays open: when it ends, the web worker is gone, and so ends this. How
far it is stands in `jobs/KIND.json` of the data folder, what came of it in `receipts/`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from whiteout import __version__
from whiteout.config import Config, from_values
from whiteout.desk import JOBS, write_state
from whiteout.live import STOPPABLE
from whiteout.protocol.folders import RECEIPTS, new_number, now, write_privately
from whiteout.server import address_of

if TYPE_CHECKING:
    from whiteout.proof.report import Report
    from whiteout.rights.desk import State

_LOOK = 0.2
_TOLD = 0.2
_LONGEST = 300
_KEPT_REPORTS = 100
_POLITE = 5
_IDS = "first_rows"
"""The table of an audit that holds ids of events: those could be somebody's to erase."""


class Job:
    """One job, and how far it is."""

    def __init__(self, config: Config, job: dict[str, Any]) -> None:
        self.config = config
        self._jobs = config.folder / JOBS
        self._job = job
        self._told_at = 0.0
        self._guard = threading.Lock()

    @property
    def kind(self) -> str:
        """What is done."""
        return str(self._job["kind"])

    def asked(self, name: str) -> Any:
        """A part of what was ordered."""
        return self._job[name]

    @property
    def may_go_on(self) -> bool:
        """Whether nobody has asked it to stop."""
        return self.kind not in STOPPABLE or not (self._jobs / f"{self.kind}.stop").exists()

    def tell(self, step: str, done: int = 0, total: int = 0, **more: Any) -> None:
        """Say how far it is; not too often, as long as the step is the same."""
        with self._guard:
            moment = time.monotonic()
            if step == self._job.get("step") and moment - self._told_at < _TOLD:
                return
            self._told_at = moment
            self._job |= {"step": step[:_LONGEST], "done": done, "total": total, **more}
            with suppress(OSError):
                write_state(self._jobs, self._job)

    def finish(self, status: str, **more: Any) -> None:
        """Say how it ended."""
        with self._guard:
            self._job |= {"status": status, "step": "", "ended": now(), **more}
            write_state(self._jobs, self._job)


def prove(job: Job) -> None:
    """Prove, and keep the report. Raises ProofError."""
    from whiteout.commands.proof import proved  # noqa: PLC0415 (each job loads what it needs)

    config = job.config
    if job.asked("running"):
        url = address_of(config)
        report = proved(job.tell, url, config.folder, token=config.token)
    else:
        report = proved(job.tell)
    _keep(job, report)


def audit(job: Job) -> None:
    """Audit, and keep the report. Raises LakeError."""
    from whiteout.commands.proof import audited  # noqa: PLC0415 (as above)

    def progress(done: int, total: int) -> None:
        job.tell("reading files", done, total)

    report, _ = audited(job.config.folder, full=job.asked("full"), progress=progress)
    tables = tuple(table for table in report.tables if table.key != _IDS)
    _keep(job, replace(report, tables=tables))


def retain(job: Job) -> None:
    """Have old days removed; who does that keeps the receipt. Raises AskingError."""
    from whiteout.commands.asking import ask  # noqa: PLC0415 (as above)

    _finish(job, ask(job.config, "retain", days=job.asked("days"), tell=_telling(job)))


def forget(job: Job, selector: str, value: str) -> None:
    """Have somebody forgotten, pseudonyms included. Raises SelectorError and AskingError."""
    from whiteout.commands import forgetting  # noqa: PLC0415 (as above)
    from whiteout.rights import Selector  # noqa: PLC0415

    chosen = Selector.of(selector, value)
    _finish(job, forgetting.forget(job.config, chosen, tell=_telling(job)))


def _telling(job: Job) -> Callable[[str, State], None]:
    return lambda number, state: job.tell(
        state.trouble or state.step, state.done, state.total, receipt=number
    )


def _finish(job: Job, receipt: dict[str, Any]) -> None:
    job.finish("done", receipt=receipt["receipt"], clean=receipt["clean"])


def _keep(job: Job, report: Report) -> None:
    """Keep a report among the receipts, and no more of them than are read again."""
    from whiteout.proof.page import page  # noqa: PLC0415 (as above)

    receipts = job.config.folder / RECEIPTS
    receipts.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = new_number(datetime.now(UTC))
    receipt = {
        "receipt": number,
        "kind": job.kind,
        "asked": job.asked("began"),
        "done": now(),
        "clean": report.verdict.exit_code == 0,
        "report": {**asdict(report), "made_at": report.made_at.isoformat(timespec="seconds")},
    }
    write_privately(receipts / f"{number}.html", page(report, __version__).encode())
    write_privately(receipts / f"{number}.json", json.dumps(receipt, ensure_ascii=False).encode())
    # Only reports have a page beside them; receipts of erasures stay.
    for old in sorted(receipts.glob("*.html"))[:-_KEPT_REPORTS]:
        old.with_suffix(".json").unlink(missing_ok=True)
        old.unlink(missing_ok=True)
    job.finish("done", receipt=number, clean=receipt["clean"])


def _watch(job: Job) -> None:
    """Interrupt the work when somebody asks for it, or when the worker that began it is gone."""
    gone = threading.Event()

    def listen() -> None:
        while os.read(0, 4096):
            pass
        gone.set()

    threading.Thread(target=listen, daemon=True).start()
    while job.may_go_on and not gone.wait(_LOOK):
        pass
    # To the main thread, so that whatever it waits for ends.
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def _first_line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 65_536)
        if not part:
            return b""
        line += part
    return line


def main() -> int:
    """Do one job; the exit status says nothing, the files do."""
    given = json.loads(_first_line() or b"null")
    if given is None:
        return 1
    os.nice(_POLITE)
    job = Job(from_values(given["config"]), given["job"])
    threading.Thread(target=_watch, args=[job], daemon=True).start()
    try:
        if job.kind == "prove":
            prove(job)
        elif job.kind == "audit":
            audit(job)
        elif job.kind == "forget":
            forget(job, given["selector"], given["value"])
        else:
            retain(job)
    except KeyboardInterrupt:
        job.finish("stopped")
    except Exception as error:  # noqa: BLE001 (whatever it is, the page says so)
        job.finish("failed", error=_words(error))
    return 0


def _words(error: Exception) -> str:
    """What may be said of an error: our own say nothing of anybody, others could."""
    from whiteout.commands.asking import AskingError  # noqa: PLC0415 (as above)
    from whiteout.lake import LakeError  # noqa: PLC0415
    from whiteout.proof.system import ProofError  # noqa: PLC0415
    from whiteout.rights import SelectorError  # noqa: PLC0415

    ours = (AskingError, LakeError, ProofError, SelectorError)
    return str(error)[:_LONGEST] if isinstance(error, ours) else type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
