"""Load from wrk on the other core."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = """
wrk.method = "POST"
wrk.body = [==[{body}]==]
wrk.headers["Content-Type"] = "application/json; charset=UTF-8"
{headers}
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: requests a second, 99th percentile in milliseconds, answers other than 2xx."""

    rate: float
    p99: float
    errors: int


def wrk(
    port: int,
    path: str,
    body: bytes,
    folder: Path,
    *,
    seconds: int = 6,
    connections: int = 64,
    headers: str = "",
) -> Load:
    """Send one body again and again for some seconds."""
    script = folder / "post.lua"
    script.write_text(_SCRIPT.format(body=body.decode(), headers=headers))
    output = subprocess.run(
        [
            *("taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"),
            *("--latency", "-s", str(script), f"http://127.0.0.1:{port}{path}"),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", output)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    if rate is None or p99 is None:
        raise RuntimeError(output)
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[p99[2]]
    return Load(float(rate[1]), float(p99[1]) * scale, int(bad[1]) if bad else 0)
