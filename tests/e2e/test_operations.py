"""What the page about operations shows, run as it stands there."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.test_tls import secure_exchange
from tests.support.certificate import make_certificate, trusting
from tests.support.process import Whiteout, free_port, wait_until
from whiteout.config import load
from whiteout.proof.wire import exchange, request
from whiteout.protocol.iglu import PAYLOAD_DATA

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = ("Content-Type", "application/json; charset=UTF-8")


def block(heading: str, language: str) -> str:
    """The first block of code in this language below a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.search(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found is not None, f"no {language} below {heading}"
    return found[1]


def post(name: str, *headers: tuple[str, str]) -> bytes:
    """A request with one event, whose app is named."""
    event = {"e": "pv", "p": "web", "tv": "x-1", "aid": name}
    body = json.dumps({"schema": PAYLOAD_DATA, "data": [event]}).encode()
    return request("POST", TP2, [JSON, *headers], body)


@pytest.mark.parametrize("heading", ["Settings", "TLS without a proxy"])
def test_settings_are_options(heading: str, tmp_path: Path) -> None:
    """Every key that the page sets is an option, and takes the value."""
    file = tmp_path / "whiteout.toml"
    file.write_text(block(heading, "toml"))
    config, settings = load({}, environ={}, file=file)
    written = tomllib.loads(file.read_text())
    flat = {**written.pop("collector", {}), **written}
    assert {s.option.name for s in settings if s.source != "default"} == flat.keys()
    assert config.port in (443, 9090)


def test_the_unit_is_one(tmp_path: Path) -> None:
    """The unit passes the check of systemd itself."""
    program = tmp_path / "bin" / "whiteout"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "whiteout.service"
    text = block("systemd", "ini").replace("/opt/whiteout/bin/whiteout", str(program))
    unit.write_text(text)
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], check=True, capture_output=True, text=True
    )
    assert str(unit) not in checked.stderr


@contextmanager
def nginx(folder: Path, server: Whiteout) -> Iterator[int]:
    """An nginx with the server of the page in front; the value is its port."""
    port = free_port()
    certificate, key = make_certificate(folder / "tls")
    text = block("A proxy in front", "nginx")
    for shown, real in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/whiteout/certificate.pem": str(certificate),
        "/etc/ssl/whiteout/key.pem": str(key),
        "/var/log/nginx/whiteout.log": str(folder / "nginx.log"),
        "127.0.0.1:9090": f"127.0.0.1:{server.port}",
    }.items():
        assert shown in text
        text = text.replace(shown, real)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/main.log crit;\n"
        f"events {{}}\nhttp {{ access_log off;\n{places}{text}}}\n"
    )
    process = subprocess.Popen(["nginx", "-c", str(config), "-e", str(folder / "start.log")])
    try:
        wait_until(lambda: _listens(port))
        yield port
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(20)


def _listens(port: int) -> bool:
    try:
        exchange(port, b"GET / HTTP/1.0\r\n\r\n")
    except OSError:
        return False
    return True


def test_behind_nginx(tmp_path: Path) -> None:
    """Contract 15, A-57: events get through with their own address, and pages want the token.

    Nothing of a body is written to nginx's disk.
    """
    options = (
        "--token",
        "a-long-secret",
        "--trusted-proxies",
        "127.0.0.1,::1",
        "--address",
        "full",
    )
    with Whiteout(tmp_path, *options) as server, nginx(tmp_path / "nginx", server) as port:
        context = trusting(tmp_path / "nginx" / "tls" / "certificate.pem")
        for raw in (post("plain"), post("forged", ("X-Forwarded-For", "203.0.113.7"))):
            assert secure_exchange(port, raw, context).status == 200
        assert secure_exchange(port, request("GET", "/metrics"), context).status == 401
        bearer = ("Authorization", "Bearer a-long-secret")
        for path in ("/metrics", "/api/events"):
            assert secure_exchange(port, request("GET", path, [bearer]), context).status == 200
        large = request("POST", TP2, [JSON], b"x" * 3_000_000)
        assert secure_exchange(port, large, context).status == 422
        assert secure_exchange(port, post("large" + "x" * 200_000), context).status == 200
        rows = server.wait_for_rows("SELECT user_ipaddress FROM events", 2)
        assert {row["user_ipaddress"] for row in rows} == {"127.0.0.1"}
        written = [path for path in (tmp_path / "nginx").rglob("*") if path.is_file()]
        assert [path for path in written if b"snowplow" in path.read_bytes()] == []


def _sh(script: str, folder: Path) -> None:
    subprocess.run(["sh", "-c", script], cwd=folder, check=True, capture_output=True)


def test_backup_and_restore(tmp_path: Path) -> None:
    """A backup of a running folder has every event that was acknowledged before it, once.

    What comes after a restore is loaded too.
    """
    options = ("--workers", "2", "--commit-interval", "0.1")
    acknowledged: list[str] = []
    stop = threading.Event()

    def load_on(port: int) -> None:
        while not stop.is_set():
            name = f"event-{len(acknowledged)}"
            assert exchange(port, post(name)).status == 200
            acknowledged.append(name)

    folder = tmp_path / "one"
    with Whiteout(folder, *options) as server:
        (folder / "whiteout-data").symlink_to(folder / "data")
        thread = threading.Thread(target=load_on, args=(server.port,))
        thread.start()
        wait_until(lambda: len(acknowledged) > 200, 60)
        before = list(acknowledged)
        _sh(block("Backup", "sh"), folder)
        stop.set()
        thread.join()
        server.kill()
    second = tmp_path / "two"
    second.mkdir()
    (folder / "backup").rename(second / "backup")
    _sh(block("Restore", "sh"), second)
    (second / "whiteout-data").rename(second / "data")
    with Whiteout(second, *options) as server:
        for number in range(300):
            assert exchange(server.port, post(f"later-{number}")).status == 200
        later = "SELECT app_id FROM events WHERE app_id LIKE 'later-%'"
        assert len(server.wait_for_rows(later, 300)) == 300
    names = [row["app_id"] for row in server.rows("SELECT app_id FROM events")]
    assert len(names) == len(set(names))
    assert set(before) <= set(names)
    assert {name for name in names if name.startswith("event-")} <= set(acknowledged)
