"""The loader process: runs the pipeline until it is told to stop, then drains."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time

from whiteout.config import Config, from_values
from whiteout.enrich import KeysUnavailable
from whiteout.enrichment import enrich_settings
from whiteout.feed import FeedError
from whiteout.flag import Flag
from whiteout.lake import LakeError, LakeLocked, LakeSettings
from whiteout.logs import set_up_logs
from whiteout.parent import RUNTIME, die_with_parent
from whiteout.pipeline import Loader, LoaderSettings
from whiteout.registries import resolver_settings
from whiteout.rights import RightsError
from whiteout.spool import SpoolError

_LOCK_PATIENCE = 10.0
_RETRY = 1.0
_TROUBLE = (FeedError, KeysUnavailable, LakeError, RightsError, SpoolError)

logger = logging.getLogger("whiteout.loader")


def loader_settings(config: Config) -> LoaderSettings:
    """The loader's part of the configuration."""
    return LoaderSettings(
        folder=config.folder,
        enrich=enrich_settings(config),
        lake=LakeSettings(funnel=config.funnel),
        schemas=resolver_settings(config),
        commit_interval=config.commit_interval,
        feed_size=config.feed_size,
        retention_days=config.retention_days,
    )


def open_loader(settings: LoaderSettings) -> Loader:
    """Open the loader, waiting a moment for a predecessor that is ending.

    Raises FeedError or LakeError.
    """
    deadline = time.monotonic() + _LOCK_PATIENCE
    while True:
        try:
            return Loader(settings)
        except LakeLocked:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def main() -> int:
    """Run the loader of the configuration that the parent handed over."""
    config = from_values(json.loads(os.environ[RUNTIME])["config"])
    set_up_logs("loader", as_json=config.log_format == "json")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = Flag()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    die_with_parent()
    settings = loader_settings(config)
    try:
        loader = open_loader(settings)
    except _TROUBLE as error:
        logger.error("%s", error)  # noqa: TRY400 (an operator's mistake needs no traceback)
        time.sleep(_RETRY)
        return 1
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    try:
        loader.run(stop)
    except _TROUBLE as error:
        logger.error("%s; trying again", error)  # noqa: TRY400
        time.sleep(_RETRY)
        return 1
    loader.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
