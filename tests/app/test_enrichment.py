"""Enrichments as the configuration declares them (C-4, C-6, C-13, C-23)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.enrich.records import page_view
from whiteout.config import ConfigError, load
from whiteout.enrich import AddressMask, DerivedSettings, KeysUnavailable
from whiteout.enrichment import enrich_settings
from whiteout.feed import FeedReader
from whiteout.lake import LakeReader
from whiteout.loader import loader_settings, open_loader
from whiteout.privacy import UrlRules
from whiteout.spool import SpoolWriter

RECEIVED = 1_795_501_200_789


def test_defaults() -> None:
    """C-3: what tells nobody apart is derived; nothing is masked or pseudonymised by default."""
    settings = enrich_settings(load({}, environ={})[0])
    assert settings.derived == DerivedSettings()
    assert (settings.mask, settings.pii, bool(settings.url_rules)) == (None, None, False)


def test_every_option_reaches_enrichment(tmp_path: Path) -> None:
    """C-4: flags, environment and file declare enrichments alike."""
    file = tmp_path / "w.toml"
    file.write_text(
        "[enrich]\n"
        'url_removed = ["Token"]\nurl_masked = ["email"]\n'
        'campaigns = ["source=ref", "source=utm_source"]\n'
        'click_networks = ["fbclid=Meta"]\nclick_ids = true\nreferrers = false\n'
        'internal_hosts = [".Shop.example"]\nuser_agents = false\nbots = false\n'
        'pii = ["user_id=pseudonymise"]\npii_key_days = 7\npii_key_kept = 0\n'
        f'pii_key_file = "{tmp_path}/k.json"\npii_per_site = false\n'
    )
    environ = {"WHITEOUT_ADDRESS_OCTETS": "1", "WHITEOUT_ADDRESS_SEGMENTS": "6"}
    settings = enrich_settings(load({}, environ, file)[0])
    assert settings.url_rules == UrlRules(frozenset({"token"}), frozenset({"email"}))
    assert settings.mask == AddressMask(1, 6)
    assert settings.derived == DerivedSettings(
        campaigns=(("source", "ref"), ("source", "utm_source")),
        click_networks=(("fbclid", "Meta"),),
        click_ids=True,
        referrers=False,
        internal_hosts=("shop.example",),
        user_agents=False,
        bots=False,
    )
    assert settings.pii is not None
    assert [rule.column for rule in settings.pii.rules.columns] == ["user_id"]
    assert not settings.pii.per_site
    first = settings.pii.keys.key(RECEIVED, RECEIVED)
    assert settings.pii.keys.key(RECEIVED, RECEIVED + 6 * 86_400_000) == first
    assert (tmp_path / "k.json").is_file()


@pytest.mark.parametrize(
    ("octets", "segments", "mask"),
    [
        (0, 0, None),
        (2, 0, AddressMask(2, 2)),
        (0, 3, AddressMask(3, 3)),
        (0, 8, AddressMask(4, 8)),
        (4, 1, AddressMask(4, 1)),
    ],
)
def test_one_number_stands_for_the_other(
    octets: int, segments: int, mask: AddressMask | None
) -> None:
    """C-6: so no kind of address is left out by what was not said."""
    flags = {"address_octets": octets, "address_segments": segments}
    assert enrich_settings(load(flags, environ={})[0]).mask == mask


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("campaigns", "source=utm source", "pairs such as source=utm_source"),
        ("campaigns", "colour=utm_source", "one of medium, source, term, content, campaign"),
        ("click_networks", "fbclid", "pairs such as fbclid=Meta"),
        ("url_removed", "a=b", "names of parameters"),
        ("address_octets", 5, "a whole number from 0 to 4"),
        ("address_segments", 9, "a whole number from 0 to 8"),
        ("pii", "user=redact", "did you mean user_id"),
        ("pii", 7, "texts"),
        ("pii_key_days", 0, "from 1 to 3660"),
        ("pii_hash", "MD2:salt", "HASH is one of MD5"),
        ("pii_hash", "MD5", "HASH:SALT"),
    ],
)
def test_a_value_that_cannot_be_is_named(name: str, value: object, says: str) -> None:
    """C-4, C-13: what does not validate stops the start-up, with its place and its field."""
    with pytest.raises(ConfigError, match=says) as caught:
        load({name: value}, environ={})
    assert f"flag --{name.replace('_', '-')}" in str(caught.value)


def test_a_weak_hash_needs_the_table_of_compatibility() -> None:
    """C-23: where nothing is said, pseudonyms are keyed; a salt is never shown."""
    values = {"pii": "user_id=pseudonymise", "pii_hash": "SHA-1:pepper123"}
    config, settings = load(values, environ={})
    pii = enrich_settings(config).pii
    assert pii is not None
    assert pii.compatible is not None
    assert pii.compatible("user-42") == "ed2b316b68d45b6e95bec085dd4e203e8b9579e0"
    assert "pepper123" not in repr(config)
    chosen = [setting for setting in settings if setting.option.key == "compat.pii_hash"]
    assert [setting.option.secret for setting in chosen] == [True]
    plain = enrich_settings(load({"pii": "user_id=pseudonymise"}, environ={})[0]).pii
    assert plain is not None
    assert plain.compatible is None


async def test_events_wait_while_keys_cannot_be_read(tmp_path: Path) -> None:
    """C-23, F-P13: nothing is stored plainly or lost, and nothing that was stored has the value."""
    flags = {"data": str(tmp_path), "pii": "user_id=pseudonymise,page_title=redact"}
    settings = loader_settings(load(flags, environ={})[0])
    keys = tmp_path / "keys" / "pseudonyms.json"
    keys.parent.mkdir()
    keys.write_text('{"format":1,"keys":[]}')
    keys.chmod(0o644)
    writer = SpoolWriter.open(tmp_path / "spool")
    await writer.append(page_view(uid="canary-user", page="canary-title"))
    await writer.append(page_view(uid="canary-user", page="canary-title", dtm="never"))
    await writer.close()
    loader = open_loader(settings)
    with pytest.raises(KeysUnavailable):
        loader.drain()
    loader.close()
    keys.chmod(0o600)
    loader = open_loader(loader_settings(load(flags, environ={})[0]))
    loader.drain()
    loader.close()
    with LakeReader(tmp_path / "lake").connect() as connection:
        events = connection.execute("select * from events").fetchall()
        failed = connection.execute("select * from failed_events").fetchall()
    assert (len(events), len(failed)) == (1, 1)
    shown = [raw for _, raw in FeedReader(tmp_path / "feed.db").newest(10)]
    assert len(shown) == 2
    assert "canary" not in f"{events}{failed}{shown}"


def test_an_idle_loader_destroys_old_keys(tmp_path: Path) -> None:
    """C-23: a key goes when its time has passed, whether events come or not."""
    config, _ = load({"data": str(tmp_path), "pii": "user_id=redact"}, environ={})
    settings = loader_settings(config)
    assert settings.enrich.pii is not None
    long_ago = 10 * 86_400_000
    settings.enrich.pii.keys.key(long_ago, long_ago)
    file = tmp_path / "keys" / "pseudonyms.json"
    assert file.read_text().count("until") == 1
    loader = open_loader(settings)
    try:
        loader._launch()
        loader._finish()
    finally:
        loader.close()
    assert file.read_text().count("until") == 0
