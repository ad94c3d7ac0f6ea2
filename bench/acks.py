"""Durable acknowledgements a second, against nginx and a bare application in the same run.

And against the same collector when it has to make every request anonymous.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from bench import servers
from bench.load import Load, wrk
from bench.payload import body
from bench.report import judge, note, show

_PATH = "/com.snowplowanalytics.snowplow/tp2"
_ROUNDS = 3
_ANONYMOUS = ("--anonymous", "always")
# What a browser sends besides; an anonymous record keeps a part of each.
_BROWSER = """
wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36"
wrk.headers["Origin"] = "https://www.example.com"
wrk.headers["Referer"] = "https://www.example.com/"
"""


def run() -> bool:
    """Measure all in turns and judge the medians."""
    show("Durable acknowledgements, 1.5 KB POST with one event, server on one core, wrk on another")
    servers_measured = ("nginx", "bare", "whiteout", "anonymous")
    found: dict[str, list[Load]] = {server: [] for server in servers_measured}
    payload = body(1, 500)
    with tempfile.TemporaryDirectory(prefix="whiteout-bench-") as name:
        for turn in range(_ROUNDS):
            folder = Path(name) / str(turn)
            folder.mkdir()
            for server, loads in found.items():
                port = servers.free_port()
                with servers.running(_command(server, folder, port), port):
                    wrk(port, _PATH, payload, folder, seconds=1, headers=_BROWSER)
                    loads.append(wrk(port, _PATH, payload, folder, headers=_BROWSER))
    rate = {k: statistics.median(load.rate for load in v) for k, v in found.items()}
    p99 = statistics.median(load.p99 for load in found["whiteout"])
    for server, value in rate.items():
        note(f"{server}: {value:,.0f} requests/s")
    anonymous = rate["anonymous"] / rate["whiteout"]
    errors = sum(load.errors for load in found["whiteout"] + found["anonymous"])
    return all(
        [
            judge("share of nginx", rate["whiteout"] / rate["nginx"], 0.15, at_least=True),
            judge("share of bare granian", rate["whiteout"] / rate["bare"], 0.55, at_least=True),
            judge("anonymity enforced, share of without", anonymous, 0.65, at_least=True),
            judge("99th percentile", p99, 20, at_least=False, unit=" ms"),
            judge("answers other than 200", errors, 0, at_least=False),
        ]
    )


def _command(server: str, folder: Path, port: int) -> list[str]:
    if server == "nginx":
        return servers.nginx(folder, port)
    if server == "bare":
        return servers.bare(port)
    options = _ANONYMOUS if server == "anonymous" else ()
    return servers.whiteout("collect", folder / f"data-{server}", port, *options)
