"""Registries in the configuration, in the loader and in the command `whiteout schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.app.test_pipeline import JSON, TP2, envelope, spooled
from tests.schemas.registry_server import KEY, ORDER, registry
from whiteout.cli import main
from whiteout.config import ConfigError, load
from whiteout.lake import LakeReader
from whiteout.loader import loader_settings
from whiteout.pipeline import Loader
from whiteout.protocol.record import IdentifiedRequest, encode_identified

UNSTRUCT = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0"
WEB_PAGE = "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0"


def shelved(folder: Path, document: Any = ORDER) -> Path:
    """A folder with the schema of orders."""
    file = folder.joinpath("shelf", *KEY)
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(document))
    return folder / "shelf"


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    result = CliRunner().invoke(main, ["schema", *arguments])
    return result.exit_code, result.output


def test_configuration_of_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """E-11: none by default; what is configured is checked, and keys are never shown."""
    assert load({}, environ={})[0].registries == ()
    for flags, words in (
        ({"registries": "http://registry.example"}, "--registries: .* https"),
        ({"registry_keys": "s3cret"}, "--registry-keys: the value cannot be used"),
        ({"registry_vendors": "com..x"}, "--registry-vendors"),
    ):
        with pytest.raises(ConfigError, match=words):
            load(flags, environ={})
    monkeypatch.setenv("WHITEOUT_REGISTRY_KEYS", "registry.example=s3cret")
    assert "s3cret" not in CliRunner().invoke(main, ["config"]).output
    settings = loader_settings(
        load(
            {"registries": "https://registry.example"},
            environ={
                "WHITEOUT_REGISTRY_KEYS": "registry.example=s3cret",
                "WHITEOUT_REGISTRY_VENDORS": "com.acme",
            },
        )[0]
    ).schemas
    assert [getattr(one, "key", None) for one in settings.registries] == ["s3cret"]
    assert settings.vendors == {"com.acme"}


async def test_the_loader_checks_events_by_a_registry(tmp_path: Path) -> None:
    """B-50, contract 12: with its registry an event is validated or fails; without, it is kept."""
    records = []
    for value in (1, "one"):
        data = {"schema": KEY.uri, "data": {"id": value}}
        event = json.dumps({"schema": UNSTRUCT, "data": data})
        body = envelope({"e": "ue", "p": "web", "tv": "t", "ue_pr": event})
        request = IdentifiedRequest(1_767_261_600_000, TP2, content_type=JSON)
        records.append(encode_identified(request, body))
    found = {}
    for name, registries in (("with", str(shelved(tmp_path))), ("without", "")):
        folder = tmp_path / name
        folder.mkdir()
        await spooled(folder, *records)
        flags = {"data": str(folder), "registries": registries}
        work = Loader(loader_settings(load(flags, environ={})[0]))
        work.drain()
        work.close()
        with LakeReader(folder / "lake").connect() as lake:
            events = lake.execute("select validated, event_name from events").fetchall()
            failed = lake.execute("select failure from failed_events").fetchall()
        found[name] = (events, failed)
    assert found == {
        "with": ([(True, "order")], [("schema_violations",)]),
        "without": ([(False, "order"), (False, "order")], []),
    }


def test_schema_list() -> None:
    """The list names what whiteout brings, of one vendor where it is asked for."""
    code, output = run("list", "--json")
    assert (code, WEB_PAGE in json.loads(output)) == (0, True)
    assert run("list", "--vendor", "io.whiteout")[1].split() == [
        "iglu:io.whiteout/privacy_state/jsonschema/1-0-0"
    ]


def test_schema_show() -> None:
    """A schema of ours, one of a registry, and why one is not there."""
    code, output = run("show", WEB_PAGE)
    assert (code, json.loads(output)["self"]["name"]) == (0, "web_page")
    with registry() as server:
        assert json.loads(run("show", KEY.uri, "--registries", server.address)[1]) == ORDER
    assert "see --registries" in run("show", KEY.uri)[1]
    code, output = run("show", KEY.uri, "--registries", "/nowhere")
    assert (code, "/nowhere there is no such folder" in output) == (1, True)
    assert "iglu:VENDOR/NAME" in run("show", "web_page")[1]


def test_schema_lint(tmp_path: Path) -> None:
    """Errors give exit code 1, warnings only when they are asked to; JSON for scripts."""
    folder = shelved(tmp_path)
    code, output = run("lint", str(folder))
    assert (code, "warning: $.additionalProperties" in output) == (0, True)
    assert run("lint", "--strict", str(folder))[0] == 1
    assert run("lint", WEB_PAGE, "--strict")[0] == 0
    misplaced = folder.joinpath(*KEY).with_name("1-0-1")
    misplaced.write_text(json.dumps(ORDER))
    misplaced.with_name("1-0-2").write_text("{")
    code, output = run("lint", "--json", str(folder))
    found = json.loads(output)
    assert (code, found["documents"], found["errors"]) == (1, 3, 2)
    errors = {one["message"] for one in found["findings"] if one["level"] == "error"}
    assert any("stands where iglu:com.acme/order/jsonschema/1-0-1 is looked" in e for e in errors)
    assert any("is not JSON" in error for error in errors)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no files" in run("lint", str(empty))[1]
    assert "cannot be read" in run("lint", str(tmp_path / "missing"))[1]
    read = CliRunner().invoke(main, ["schema", "lint", "-"], input=json.dumps(ORDER))
    assert (read.exit_code, "1 schemas, 0 errors" in read.output) == (0, True)
