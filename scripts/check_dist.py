"""Check what `make dist` built: the wheel holds the whole package and nothing else.

Usage: python scripts/check_dist.py FOLDER. Prints each problem; exits with 1 when there is one.
"""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "whiteout"
LICENCES = ("LICENSE", "NOTICE")
IN_SOURCE_ARCHIVE = ("LICENSE", "NOTICE", "README.md", "pyproject.toml", "src/whiteout/py.typed")
"""Some of what the source archive must hold; the wheel is built from it, so the rest follows."""


def package_files() -> set[str]:
    """Every file that the installed package must have, as names inside a wheel."""
    return {
        f"whiteout/{path.relative_to(SOURCE).as_posix()}"
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def wheel_problems(wheel: Path) -> list[str]:
    """What is wrong with a wheel, one sentence each."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        about = next(name.partition("/")[0] for name in names if ".dist-info/" in name)
        scripts = archive.read(f"{about}/entry_points.txt").decode()
    wanted = package_files() | {f"{about}/licenses/{name}" for name in LICENCES}
    problems = [f"{wheel.name} lacks {name}" for name in sorted(wanted - names)]
    problems += [
        f"{wheel.name} holds {name}, which is no part of the package"
        for name in sorted(names - wanted)
        if not name.startswith(f"{about}/")
    ]
    if "whiteout = whiteout.__main__:main" not in scripts:
        problems.append(f"{wheel.name} installs no command `whiteout`")
    return problems


def source_problems(archive: Path) -> list[str]:
    """What is wrong with a source archive, one sentence each."""
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    problems = [f"{archive.name} lacks {name}" for name in IN_SOURCE_ARCHIVE if name not in names]
    alien = {".venv", "node_modules", "__pycache__", "whiteout-data"}
    problems += [
        f"{archive.name} holds {name}" for name in sorted(names) if alien & set(name.split("/"))
    ]
    return problems


def main(folder: Path) -> int:
    """Check the wheels and source archives of a folder."""
    wheels, archives = sorted(folder.glob("*.whl")), sorted(folder.glob("*.tar.gz"))
    problems = [] if wheels and archives else [f"{folder} lacks a wheel or a source archive"]
    problems += [problem for wheel in wheels for problem in wheel_problems(wheel)]
    problems += [problem for archive in archives for problem in source_problems(archive)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{', '.join(path.name for path in (*archives, *wheels))}: good")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
