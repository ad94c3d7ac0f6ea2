"""What `make dist` builds: a wheel that imports bare, and runs with its extra."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
import venv
from pathlib import Path

import pytest

from scripts import check_dist
from tests.support.process import Whiteout

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """The output of a program that ends well, in an environment of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    result = subprocess.run(
        command, cwd=cwd, env=clean, capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder))
    run(sys.executable, *build, cwd=ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a clean environment with the wheel alone."""
    return installed(tmp_path_factory.mktemp("bare"), "--no-deps", "--no-index", str(wheel))


def installed(folder: Path, *arguments: str) -> Path:
    """Make an environment in a folder, install into it, and return its `bin`."""
    venv.create(folder, symlinks=True)
    pip = (sys.executable, "-m", "pip", "--python", folder / "bin/python")
    run(*pip, "install", "--quiet", "--no-compile", "--disable-pip-version-check", *arguments)
    return folder / "bin"


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """Assets, type marker, licence and notice are in the wheel; tests and tools are not."""
    assert check_dist.wheel_problems(wheel) == []
    names = check_dist.package_files()
    assert "whiteout/py.typed" in names
    assert {Path(name).suffix for name in names if name.startswith("whiteout/assets/")} >= {
        ".css",
        ".html",
        ".js",
        ".svg",
    }


def test_bare_wheel_imports(bare: Path, tmp_path: Path) -> None:
    """Without any other package `import whiteout` works, and brings its version."""
    code = "import whiteout; print(whiteout.__version__, whiteout.__file__)"
    version, place = run(bare / "python", "-c", code, cwd=tmp_path).split()
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert bare.parent in Path(place).parents


def test_bare_wheel_rules_and_vocabulary_import(bare: Path, tmp_path: Path) -> None:
    """The rooms that a tracker stands on need nothing but Python."""
    code = "import pkgutil, whiteout.privacy, whiteout.protocol as p\n"
    code += "[__import__(f'whiteout.protocol.{m.name}') for m in pkgutil.iter_modules(p.__path__)]"
    run(bare / "python", "-W", "error", "-c", code, cwd=tmp_path)


def test_bare_wheel_says_what_to_install(bare: Path, tmp_path: Path) -> None:
    """The command of a bare installation names the extra and exits with 2."""
    result = subprocess.run(
        [bare / "whiteout", "up"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "whiteout[server]" in result.stderr
    assert "Traceback" not in result.stderr


def test_server_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """With its extra, a clean environment runs `whiteout up`, takes an event and stops cleanly."""
    pins = ("--constraint", str(ROOT / "constraints.txt"))
    bin_folder = installed(tmp_path / "server", *pins, f"{wheel}[server]")
    with Whiteout(tmp_path / "run", program=[str(bin_folder / "whiteout")]) as server:
        assert f"whiteout is ready: {server.url}\n" in server.stdout.read_text()
        pixel = f"{server.url}/i?e=pv&p=web&tv=dist-1&aid=dist"
        with urllib.request.urlopen(pixel, timeout=10) as answer:
            assert answer.status == 200
    sql = ("sql", "--data", str(server.data), "--format", "csv")
    output = run(bin_folder / "whiteout", *sql, "select app_id, event_name from events")
    assert output.splitlines()[1:] == ["dist,page_view"]
