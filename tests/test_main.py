"""The command `whiteout` where only the bare package is installed."""

from __future__ import annotations

import sys

import pytest

from whiteout.__main__ import main


def test_missing_package_is_named_with_advice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the server parts the command says what to install and exits with 2."""
    monkeypatch.delitem(sys.modules, "whiteout.cli", raising=False)
    monkeypatch.setitem(sys.modules, "click", None)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "click is not installed" in output.err
    assert "pip install 'whiteout[server]'" in output.err
    assert "Traceback" not in output.err


def test_missing_module_of_whiteout_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of whiteout that is missing is a defect, not a matter of extras."""
    monkeypatch.setitem(sys.modules, "whiteout.cli", None)
    with pytest.raises(ModuleNotFoundError, match=r"whiteout\.cli"):
        main()


def test_command_line_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the server parts installed the command answers."""
    monkeypatch.setattr(sys, "argv", ["whiteout", "--version"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    assert "whiteout" in capsys.readouterr().out
