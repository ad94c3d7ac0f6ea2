"""The servers that are measured: ours, nginx, and a bare application on the same server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 100000000;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "ok"; }} }}
}}
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], port: int, core: int | None = 0) -> Iterator[int]:
    """Run a server pinned to one core until it answers; the value is its process id."""
    pinned = command if core is None else ["taskset", "-c", str(core), *command]
    process = subprocess.Popen(pinned, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not _listens(port):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.05)
        time.sleep(0.5)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def nginx(folder: Path, port: int) -> list[str]:
    """Nginx with `return 200`."""
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    return ["nginx", "-c", str(config)]


def bare(port: int) -> list[str]:
    """An application that reads the body and sends it back, on the same server as ours."""
    return [sys.executable, "-m", "bench.echo", str(port)]


def whiteout(command: str, folder: Path, port: int, *options: str) -> list[str]:
    """`whiteout collect` or `whiteout up`, all defaults on."""
    program = [sys.executable, "-m", "whiteout", command]
    return [*program, "--data", str(folder), "--port", str(port), *options]


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(stat[1]), []).append(int(entry.name))
    found = [pid]
    for parent in found:
        found.extend(children.get(parent, []))
    return found


def resident(pid: int) -> dict[str, float]:
    """Resident and proportional memory of a process tree, in MB."""
    total = {"Rss": 0.0, "Pss": 0.0}
    for member in tree(pid):
        try:
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, rest = line.partition(":")
            if name in total:
                total[name] += int(rest.split()[0]) / 1024
    return total


def cpu_seconds(pid: int) -> float:
    """Processor time that a process tree has used."""
    ticks = 0
    for member in tree(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
