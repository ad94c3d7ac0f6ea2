"""Carrying out a request, step by step, so that a crash at any point is made good by going on.

The lake has exactly one owner, and it does this between two commits: what had been accepted is
drained into the lake first, and nothing that came later gets there before the request is done. Each
step finds what the one before it left, in the state on the disk.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from whiteout.feed import FeedError, FeedWriter
from whiteout.lake import LakeError, LakeOwner, Removal
from whiteout.proof.search import SearchError
from whiteout.protocol.folders import first_day, now
from whiteout.rights.desk import MOST_ATTEMPTS, Desk, Request, RightsError, State
from whiteout.rights.judge import Judge
from whiteout.rights.receipt import EXPIRY
from whiteout.rights.selector import Selector
from whiteout.rights.verify import Verification, Verifier
from whiteout.spool import SpoolError, empty_logs

_TOLD_SECONDS = 0.2
_TROUBLE = (FeedError, LakeError, RightsError, SearchError, SpoolError)

logger = logging.getLogger("whiteout.loader")


@dataclass(frozen=True, slots=True)
class Store:
    """What the owner of a data folder has in hands.

    `take_in` moves into the lake all that was accepted before it is called, and says up to which
    record of each spool file that is; `let_go` takes those out of the spool.
    """

    folder: Path
    lake: LakeOwner
    feed: FeedWriter
    take_in: Callable[[], dict[str, int]]
    let_go: Callable[[Mapping[str, int]], None]


@dataclass(slots=True)
class _Told:
    """Writes down how far a step is, not too often."""

    desk: Desk
    number: str
    state: State
    at: float = 0.0

    def step(self, name: str) -> Callable[[int, int], None]:
        self.state.step, self.state.done, self.state.total = name, 0, 0
        self.desk.note(self.number, self.state)
        return self._progress

    def _progress(self, done: int, total: int) -> None:
        moment = time.monotonic()
        if moment - self.at >= _TOLD_SECONDS:
            self.at = moment
            self.state.done, self.state.total = done, total
            self.desk.note(self.number, self.state)


def attend(desk: Desk, store: Store) -> None:
    """Carry out every request that waits.

    One that cannot be carried out is tried again at the next call, and given up after
    `MOST_ATTEMPTS`. Raises RightsError, LakeError, FeedError and SpoolError.
    """
    for request in desk.waiting():
        state = desk.state(request.number)
        if state.attempts >= MOST_ATTEMPTS:
            logger.error("request %s to %s is given up", request.number, request.kind)
            desk.finish(request.number, _given_up(request, state))
            continue
        state.attempts += 1
        desk.note(request.number, state)
        try:
            carry_out(request, desk, store)
        except _TROUBLE as error:
            state = desk.state(request.number)
            state.trouble = str(error)
            desk.note(request.number, state)
            if isinstance(error, SearchError):
                raise RightsError(str(error)) from None
            raise


def _given_up(request: Request, state: State) -> dict[str, Any]:
    return {
        "receipt": request.number,
        "kind": request.kind,
        "asked": request.asked,
        "done": now(),
        "clean": False,
        "failed": state.trouble or "the program was ended again and again while it was at it",
    }


def carry_out(request: Request, desk: Desk, store: Store) -> dict[str, Any]:
    """Do what is asked for, keep the receipt, and return it; the request is gone then.

    After any error, or a crash, the same call goes on. Raises LakeError, FeedError, SpoolError,
    SearchError and DeskError.
    """
    state = desk.state(request.number)
    told = _Told(desk, request.number, state)
    state.began = state.began or now()
    if not state.until:
        told.step("taking in what was accepted")
        state.taken_in = store.take_in()
        state.until = now()
        desk.note(request.number, state)
    store.let_go(state.taken_in)
    work = _forget if request.kind == "forget" else _retain
    receipt = {
        "receipt": request.number,
        "kind": request.kind,
        **({"by": request.selector} if request.selector else {"days_kept": request.days}),
        "asked": request.asked,
        "until": state.until,
        **work(request, store, told),
        "done": now(),
    }
    receipt["seconds"] = round(_seconds(receipt["done"]) - _seconds(state.began), 3)
    receipt["clean"] = not receipt["search"]["found"]
    desk.finish(request.number, receipt)
    logger.info("request %s to %s is done", request.number, request.kind)
    return receipt


def _forget(request: Request, store: Store, told: _Told) -> dict[str, Any]:
    selector = Selector.of(request.selector, request.value)
    judge = Judge(selector)
    plans = store.lake.plan(judge.clue, judge.change, told.step("looking for rows"))
    clean = {path for plan in plans for path in plan.clean}
    _keep(told.state, [plan.removal for plan in plans])
    told.step("clearing the live page")
    _keep_feed(told.state, store.feed.remove(judge.entry))
    store.lake.carry_out(plans, told.step("writing files anew"))
    told.step("removing old files")
    store.lake.purge()
    empty_logs(store.folder / "spool")
    told.step("searching every byte")
    verifier = Verifier(store.folder, judge, unmistakable=selector.unmistakable)
    return _result(told.state, verifier.run(clean))


def _retain(request: Request, store: Store, told: _Told) -> dict[str, Any]:
    first = first_day(request.days)
    told.step("dropping days")
    _keep(told.state, store.lake.expire(first))
    _keep_feed(told.state, store.feed.remove(lambda raw: _day_of(raw) < first))
    told.step("removing old files")
    store.lake.purge()
    empty_logs(store.folder / "spool")
    return _result(told.state, _look_for_days(store.folder / "lake", first))


def expire(store: Store, days: int) -> int:
    """Drop what is older than so many days, without a request or a receipt; the number of rows.

    Raises LakeError and FeedError.
    """
    first = first_day(days)
    oldest = store.lake.oldest()
    if oldest is None or oldest >= first:
        return 0
    rows = sum(removal.rows for removal in store.lake.expire(first))
    store.feed.remove(lambda raw: _day_of(raw) < first)
    store.lake.purge()
    logger.info("%d rows from before %s have expired", rows, first)
    return rows


def _keep(state: State, removals: list[Removal]) -> None:
    """Note what was found; a crash later would leave less of it to be counted."""
    if "events" in state.plan:
        return
    events, failed = removals
    state.plan = {
        "events": events.rows,
        "failed_events": failed.rows,
        "changed": events.changed + failed.changed,
        "days": sorted(events.days | failed.days),
        "files": events.files + failed.files,
        "files_before": events.of + failed.of,
    }


def _keep_feed(state: State, count: int) -> None:
    state.plan["feed"] = state.plan.get("feed", 0) + count


def _result(state: State, verification: Verification) -> dict[str, Any]:
    plan = state.plan
    removed = {name: plan[name] for name in ("events", "failed_events", "feed")}
    rest = {name: plan[name] for name in ("changed", "days", "files", "files_before")}
    return {"removed": removed, **rest, "search": asdict(verification)}


def _look_for_days(lake: Path, first: str) -> Verification:
    """Whether a file of an expired day is still there."""
    result = Verification(EXPIRY)
    for path in sorted(lake.glob("*/*=*/*")):
        result.files += 1
        result.bytes += path.stat().st_size
        if path.parent.name.partition("=")[2] < first:
            result.found.append(str(path.relative_to(lake.parent)))
    return result


def _day_of(raw: bytes) -> str:
    text = str(msgspec.json.decode(raw).get("collector_tstamp", ""))[:10]
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return date.max.isoformat()


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
