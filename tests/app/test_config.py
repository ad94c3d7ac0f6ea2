"""The configuration: precedence, checks, and errors that name the place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whiteout.config import ConfigError, from_values, load
from whiteout.option import Option
from whiteout.options import OPTIONS


def test_defaults_are_private() -> None:
    """Contracts 6, 7 and 13, A-58: nothing has to be set for the private behaviour."""
    config, settings = load({}, environ={})
    assert (config.host, config.port, config.data) == ("127.0.0.1", 9090, "whiteout-data")
    assert (config.gpc, config.dnt, config.address) == ("anonymise", "ignore", "truncated")
    assert not config.trust_tracker_ip
    assert (config.opt_out_cookie, config.access_log) == ("whiteout_opt_out=1", False)
    assert (config.anonymous_user_agent, config.anonymous_url) == ("coarse", "campaign")
    assert (config.redirect_hosts, config.cookie_on_anonymous) == ((), "none")
    assert {setting.source for setting in settings} == {"default"}


def test_flag_over_environment_over_file(tmp_path: Path) -> None:
    """A flag wins over the environment, the environment over the file, the file over defaults."""
    file = tmp_path / "w.toml"
    file.write_text('port = 1\nworkers = 3\n[collector]\ngpc = "drop"\ndnt = "drop"\n')
    environ = {"WHITEOUT_PORT": "2", "WHITEOUT_DNT": "ignore"}
    config, settings = load({"port": "3"}, environ=environ, file=file)
    assert (config.port, config.workers, config.gpc, config.dnt) == (3, 3, "drop", "ignore")
    sources = {setting.option.name: setting.source for setting in settings}
    assert sources["port"] == "flag --port"
    assert sources["dnt"] == "environment variable WHITEOUT_DNT"
    assert sources["gpc"].endswith("key collector.gpc")


def test_a_file_of_the_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name, `whiteout.toml` in the working folder is read."""
    (tmp_path / "whiteout.toml").write_text("port = 4711\n")
    monkeypatch.chdir(tmp_path)
    assert load({}, environ={})[0].port == 4711


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("port = 'x'", ["key port", "'x'", "whole number from 1 to 65535"]),
        ("[collector]\ngcp = 'drop'", ["no option collector.gcp", "did you mean collector.gpc"]),
        ("zzz = 1", ["no option zzz", "whiteout config"]),
        ("port = ", ["is not TOML"]),
        ("[collector]\ncookie_name = 'a;b'", ["collector.cookie_name", "letters"]),
        ("[collector]\ntrusted_proxies = ['nowhere']", ["trusted_proxies", "10.0.0.0/8"]),
        ("[collector]\nopt_out_cookie = 'x=('", ["opt_out_cookie", "NAME=PATTERN"]),
        ("port = true", ["key port", "whole number"]),
        ("[collector]\npaths = ['/api/x=/a/b']", ["collector.paths", "api, assets"]),
        ("[collector]\npaths = ['/a=/b']", ["collector.paths", "/my/path="]),
        ("[collector]\nanonymous_apps = ['shop']", ["anonymous_apps", "app=header"]),
        ("[collector]\nanonymous_paths = ['shop=always']", ["/path/of-events=header"]),
        ("[collector]\ncors_origins = ['shop.example']", ["https://shop.example"]),
        ("[collector]\ncors_headers = ['a b']", ["names of headers"]),
        ("[collector]\nroot_status = 150", ["from 200 to 599"]),
        ("[collector]\nroot_headers = ['nonsense']", ["headers such as Location"]),
        ("[collector]\ngpc_since = 2027-13-01", ["TOML"]),
        ("[collector]\ngpc_since = 'soon'", ["a day such as 2027-01-31"]),
        ("log_format = 'xml'", ["one of text, json"]),
    ],
)
def test_errors_name_the_place_and_the_way_out(
    tmp_path: Path, content: str, words: list[str]
) -> None:
    """A wrong file says which key is wrong and what it takes."""
    file = tmp_path / "w.toml"
    file.write_text(content)
    with pytest.raises(ConfigError) as caught:
        load({}, environ={}, file=file)
    for word in words:
        assert word in str(caught.value)


def test_a_secret_is_not_repeated_in_an_error() -> None:
    """The token stands in no message and no representation."""
    with pytest.raises(ConfigError) as caught:
        load({}, environ={"WHITEOUT_TOKEN": "s3cret\0"})
    assert "s3cret" not in str(caught.value)
    config, _ = load({"token": "s3cret"}, environ={})
    assert "s3cret" not in repr(config)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """A file that is named must be there."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load({}, environ={}, file=tmp_path / "absent.toml")


def test_names_are_unique() -> None:
    """Flags and environment variables are made of the last part of a key, so that is unique."""
    names = [option.name for option in OPTIONS]
    assert len(names) == len(set(names))


def test_a_child_process_gets_the_same_configuration() -> None:
    """What the main process hands over is what its children read."""
    config, _ = load({"trusted_proxies": "10.0.0.0/8,::1", "cookie_domains": "a.test"}, environ={})
    assert from_values(config.as_values()) == config


@given(st.sampled_from(OPTIONS), st.text(max_size=40))
def test_any_text_is_a_value_or_a_clear_error(option: Option, text: str) -> None:
    """Whatever the environment holds, it is taken or refused by name, never a crash."""
    message = f"environment variable {option.env}"
    try:
        load({}, environ={option.env: text})
    except ConfigError as error:
        message = str(error)
    assert option.env in message
