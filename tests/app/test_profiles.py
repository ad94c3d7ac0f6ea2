"""Profiles: what they set, refuse, and say of a configuration (S3 to S5, S13)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.live.asgi import ask
from whiteout.app import collector_settings
from whiteout.cli import main
from whiteout.collector import Collector
from whiteout.config import ConfigError, load
from whiteout.options import BY_NAME
from whiteout.profiles import PROFILES, Status, assessment, contradictions
from whiteout.spool import SpoolReader

NAMES = sorted(PROFILES)
CONTRADICTIONS = [
    ("cnil", "anonymous", "header"),
    ("cnil", "anonymous", "unless-consent"),
    ("cnil", "anonymous_paths", "/a/b=header"),
    ("cnil", "anonymous_apps", "shop=unless-consent"),
    ("cnil", "cookie", "true"),
    ("cnil", "anonymous_url", "campaign"),
    ("cnil", "address", "full"),
    ("cnil", "trust_tracker_ip", "true"),
    ("cnil", "opt_out_cookie", ""),
    ("cnil", "redirect_hosts", "other.example"),
    ("cnil", "retention_days", "0"),
    ("cnil", "retention_days", "761"),
    ("cnil", "campaigns", "source=utm_source"),
    ("cnil", "click_networks", "fbclid=Meta"),
    ("cnil", "click_ids", "true"),
    ("cnil", "pii_hash", "SHA-256:pepper"),
    ("cnil", "pii_key_days", "395"),
    ("uk-statistics", "cookie_same_site", "None"),
    ("uk-statistics", "address", "full"),
    ("uk-statistics", "trust_tracker_ip", "true"),
    ("uk-statistics", "opt_out_cookie", ""),
    ("uk-statistics", "gpc", "ignore"),
    ("uk-statistics", "click_ids", "true"),
    ("gpc-strict", "gpc", "ignore"),
    ("gpc-strict", "dnt", "ignore"),
    ("gpc-strict", "anonymous_session", "keep"),
    ("gpc-strict", "anonymous_user_agent", "keep"),
    ("gpc-strict", "anonymous_url", "campaign"),
    ("gpc-strict", "anonymous_referrer", "path"),
    ("gpc-strict", "cookie_on_anonymous", "none"),
    ("gpc-strict", "address", "full"),
    ("gpc-strict", "trust_tracker_ip", "true"),
    ("gpc-strict", "opt_out_cookie", ""),
    ("gpc-strict", "click_ids", "true"),
    ("gpc-strict", "pii_hash", "SHA-256:pepper"),
    ("gpc-strict", "pii_per_site", "false"),
]
"""Every setting that a profile refuses, each in one way at least."""


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output of `whiteout profile`."""
    result = CliRunner().invoke(main, ["profile", *arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_alone_is_enough(name: str) -> None:
    """S3, S5: a profile sets what nothing else sets, and the source of a value says so."""
    config, settings = load({"profile": name}, environ={})
    assert list(contradictions(PROFILES[name], config.as_values())) == []
    preset = {setting.option.name for setting in settings if setting.source == f"profile {name}"}
    assert preset
    plain, _ = load({}, environ={})
    changed = {k for k, v in config.as_values().items() if v != plain.as_values()[k]}
    assert changed == preset | {"profile"}


@pytest.mark.parametrize(("name", "option", "value"), CONTRADICTIONS)
def test_a_contradiction_does_not_start(name: str, option: str, value: str) -> None:
    """S3 to S5: the error names the setting, its place, what is needed, and the rule."""
    row = BY_NAME[option]
    for flags, environ, place in (
        ({"profile": name, option: value}, {}, f"flag {row.flag}"),
        ({"profile": name}, {row.env: value}, f"environment variable {row.env}"),
    ):
        with pytest.raises(ConfigError) as caught:
            load(flags, environ=environ)
        head, line, *rest = str(caught.value).splitlines()
        assert head == f"flag --profile: the profile {name} is contradicted by"
        assert line.startswith(f"  {place}: {row.key} is ")
        assert re.search(r", and needs to be .+ \(S\d\)\. [A-Z]", line)
        assert len(rest) == 1


def test_every_requirement_can_be_contradicted() -> None:
    """S3 to S5: no requirement is one that nothing can break, and each preset meets its own."""
    named = {(profile, option) for profile, option, _ in CONTRADICTIONS}
    assert named == {
        (profile.name, one.option) for profile in PROFILES.values() for one in profile.requirements
    }


def test_the_line_of_a_file_is_named(tmp_path: Path) -> None:
    """S3: what stands in a file is named with its line, and all contradictions at once."""
    file = tmp_path / "w.toml"
    file.write_text(
        '# comment\nprofile = "cnil"\n\n[ collector ]\n  cookie = true\n'
        'anonymous_url = "campaign"\n[pipeline]\nretention_days = 900\n'
    )
    with pytest.raises(ConfigError) as caught:
        load({}, environ={}, file=file)
    told = str(caught.value)
    assert f"file {file}, line 2, key profile: the profile cnil" in told
    for line, key in ((5, "collector.cookie"), (6, "collector.anonymous_url")):
        assert f"file {file}, line {line}, key {key}: {key} is" in told
    assert f"file {file}, line 8, key pipeline.retention_days" in told
    file.write_text('collector = { cookie = true }\nprofile = "cnil"\n')
    with pytest.raises(ConfigError, match=r"w\.toml, key collector\.cookie: "):
        load({}, environ={}, file=file)


def test_flag_over_environment_over_file(tmp_path: Path) -> None:
    """S3: the profile is an option like others; a flag may choose another, or none."""
    file = tmp_path / "w.toml"
    file.write_text('profile = "cnil"\n')
    environ = {"WHITEOUT_PROFILE": "uk-statistics"}
    assert load({}, environ={}, file=file)[0].profile == "cnil"
    assert load({}, environ=environ, file=file)[0].profile == "uk-statistics"
    assert load({"profile": "gpc-strict"}, environ=environ, file=file)[0].profile == "gpc-strict"
    assert load({"profile": ""}, environ=environ, file=file)[0].profile is None
    with pytest.raises(ConfigError, match="one of cnil, uk-statistics, gpc-strict"):
        load({"profile": "best"}, environ={})


def test_a_cookie_of_the_third_party_needs_no_attribute_where_there_is_none() -> None:
    """S5: without a cookie of the collector its attributes do not matter."""
    flags = {"profile": "uk-statistics", "cookie": "false", "cookie_same_site": "None"}
    assert load(flags, environ={})[0].cookie_same_site == "None"


@settings(deadline=None)
@given(
    name=st.sampled_from(NAMES),
    values=st.fixed_dictionaries(
        {},
        optional={
            "gpc": st.sampled_from(["ignore", "anonymise", "drop"]),
            "anonymous": st.sampled_from(["header", "always", "unless-consent"]),
            "address": st.sampled_from(["full", "truncated", "none"]),
            "anonymous_url": st.sampled_from(["campaign", "path", "origin"]),
            "retention_days": st.integers(0, 1000).map(str),
        },
    ),
)
def test_what_starts_meets_its_profile(name: str, values: dict[str, Any]) -> None:
    """S3 to S5: whatever is set, a configuration either meets the profile or does not start.

    What was set stays as it was set.
    """
    flags = {**values, "profile": name}
    loose, _ = load(flags, environ={}, contradictory=True)
    wrong = list(contradictions(PROFILES[name], loose.as_values()))
    if wrong:
        with pytest.raises(ConfigError):
            load(flags, environ={})
    else:
        assert load(flags, environ={})[0] == loose
    assert all(str(loose.as_values()[option]) == value for option, value in values.items())


@pytest.mark.parametrize("name", NAMES)
def test_the_assessment_states_facts(name: str) -> None:
    """S13: each requirement is met, not met or yours to do; nothing is claimed beyond that."""
    code, output = run("--json", "--profile", name)
    found = json.loads(output)
    assert (code, found["profile"], found["chosen"], found["not_met"]) == (0, name, True, 0)
    statuses = [row["status"] for row in found["requirements"]]
    assert statuses.count("met") == found["met"] == len(PROFILES[name].requirements)
    assert statuses.count("yours to do") == found["yours"] > 0
    for row in found["requirements"]:
        assert row["rule"]
        assert (row["option"] is None) == (row["status"] == "yours to do")
    code, text = run("--profile", name)
    assert code == 0
    for claim in ("compliant", "no banner", "lawful", "GDPR", "guarantee", "exempt"):
        assert claim not in text + output
    assert "does not say whether that suffices in law" in text


def test_another_profile_can_be_looked_at() -> None:
    """S3: without choosing it, a profile is put beside the configuration, with exit code 1."""
    code, text = run("cnil")
    assert code == 1
    assert 'set profile = "cnil"' in text
    assert "collector.cookie = true  (default); it needs to be false" in text
    code, output = run("cnil", "--json", "--cookie", "false")
    found = json.loads(output)
    rows = {row["option"]: row for row in found["requirements"] if row["option"]}
    assert (code, found["chosen"]) == (1, False)
    assert rows["collector.cookie"]["status"] == "met"
    assert rows["collector.cookie"]["source"] == "flag --cookie"
    assert rows["collector.anonymous"]["status"] == "not met"


def test_a_contradictory_configuration_can_be_assessed() -> None:
    """S3: what does not start is shown all the same, so that one sees why."""
    code, text = run("--profile", "cnil", "--cookie", "true")
    assert (code, "(flag --cookie); it needs to be false" in text) == (1, True)
    result = CliRunner().invoke(main, ["up", "--profile", "cnil", "--cookie", "true"])
    assert (result.exit_code, "flag --cookie: collector.cookie is true" in result.output) == (
        2,
        True,
    )


def test_all_profiles_are_listed() -> None:
    """Without a name and without a chosen one, the command lists what there is."""
    code, text = run()
    assert (code, all(name in text for name in NAMES)) == (0, True)
    assert [row["name"] for row in json.loads(run("--json")[1])] == list(PROFILES)
    assert run("--port", "x")[0] == 2


def test_assessment_of_plain_values() -> None:
    """S13: an assessment is made of values and sources alone."""
    config, settings = load({}, environ={})
    sources = {setting.option.name: setting.source for setting in settings}
    found = assessment(PROFILES["gpc-strict"], config.as_values(), sources)
    assert {one.option for one in found if one.status is Status.NOT_MET} == {
        "dnt",
        "anonymous_session",
        "anonymous_url",
        "anonymous_referrer",
        "cookie_on_anonymous",
    }


async def test_cnil_in_effect(tmp_path: Path) -> None:
    """S3: no cookie is set at any visit, no id and no campaign stored, nothing of who objects."""
    collector = Collector(tmp_path, collector_settings(load({"profile": "cnil"}, environ={})[0]))
    page = "https%3A%2F%2Fshop.example%2F%3Futm_source%3Dmail%26gclid%3Dclick77"
    target = f"/i?e=pv&p=web&tv=t&uid=alice&duid=device77&url={page}"
    for headers in ({"Host": "a.example"}, {"Host": "a.example", "Cookie": "sp=cookie77"}):
        answer = await ask(collector, target, headers, client="203.0.113.77")
        assert (answer.status, "set-cookie" in answer.headers) == (200, False)
    objecting = {"Host": "a.example", "Cookie": "whiteout_opt_out=1"}
    assert (await ask(collector, target, objecting)).status == 200
    await collector.close()
    [file] = SpoolReader(tmp_path).files()
    records = [raw for _, raw in file.read(0, 100)]
    assert len(records) == 2
    for raw in records:
        for secret in (b"alice", b"device77", b"cookie77", b"203.0.113", b"click77", b"utm_"):
            assert secret not in raw
