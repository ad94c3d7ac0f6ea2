"""The canary search finds a secret in every form and layer, or its silence would prove nothing."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.canary import UNKNOWN, Canaries, channels
from tests.support.parquet_pages import pages

NOISE = bytes(range(256))

TEXT_FORMS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "lower": bytes.lower,
    "upper": bytes.upper,
    "swapped": bytes.swapcase,
    "url": lambda raw: b"".join(b"%%%02X" % byte for byte in raw),
    "url-lower": lambda raw: b"".join(b"%%%02x" % byte for byte in raw.lower()),
    "hex": lambda raw: raw.hex().encode(),
    "hex-upper": lambda raw: raw.hex().upper().encode(),
    "hex-of-upper": lambda raw: raw.upper().hex().encode(),
    "base64": base64.b64encode,
    "base64-of-lower": lambda raw: base64.b64encode(raw.lower()),
    "base64-of-upper": lambda raw: base64.b64encode(raw.upper()),
    "base64-1": lambda raw: base64.b64encode(b"?" + raw),
    "base64-2": lambda raw: base64.b64encode(b"?>" + raw + b"<"),
    "base64url": base64.urlsafe_b64encode,
    "base64url-1": lambda raw: base64.urlsafe_b64encode(b"?" + raw),
    "base64url-2": lambda raw: base64.urlsafe_b64encode(b"??" + raw + b"tail"),
}

UUID_FORMS: dict[str, Callable[[UUID], bytes]] = {
    "bytes": lambda value: value.bytes,
    "bytes-le": lambda value: value.bytes_le,
    "hex": lambda value: value.hex.encode(),
    "hex-upper": lambda value: value.hex.upper().encode(),
    "base64-of-bytes": lambda value: base64.b64encode(value.bytes),
    "base64-of-bytes-1": lambda value: base64.b64encode(b"\xff" + value.bytes),
    "base64-of-bytes-2": lambda value: base64.urlsafe_b64encode(b"\xff\xff" + value.bytes),
    "base64-of-hex": lambda value: base64.b64encode(value.hex.encode()),
}


@pytest.fixture
def canaries() -> Canaries:
    """Some canaries, more than the ones that a test plants."""
    made = Canaries()
    for other in ("a", "b", "c"):
        made.text(other)
        made.uuid(other)
        made.ipv4(other)
        made.ipv6(other)
    return made


@pytest.mark.parametrize("form", TEXT_FORMS)
@pytest.mark.parametrize("kind", ["text", "uuid", "ipv4", "ipv6", "number"])
def test_every_form_of_every_kind_is_found(canaries: Canaries, kind: str, form: str) -> None:
    """A secret is found and told apart: plain, any case, URL, hex, base64 at each alignment."""
    secret: str = getattr(canaries, kind)("planted")
    data = NOISE + TEXT_FORMS[form](secret.encode()) + NOISE
    assert channels(canaries.search(data, "here")) == {"planted"}


@pytest.mark.parametrize("form", UUID_FORMS)
def test_every_form_of_a_uuid_is_found(canaries: Canaries, form: str) -> None:
    """A UUID is found without dashes and as sixteen bytes of either order too."""
    secret = UUID(canaries.uuid("planted"))
    data = NOISE + UUID_FORMS[form](secret) + NOISE
    assert channels(canaries.search(data, "here")) == {"planted"}


@given(
    before=st.binary(max_size=9),
    after=st.binary(max_size=9),
    kind=st.sampled_from(["text", "uuid"]),
)
def test_base64_is_found_wherever_a_secret_stands_in_it(
    before: bytes, after: bytes, kind: str
) -> None:
    """The neighbours of a secret in encoded bytes do not hide it."""
    canaries = Canaries(seed=1)
    secret: str = getattr(canaries, kind)("planted")
    raw = before + secret.encode() + after
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        assert channels(canaries.search(encoded, "here")) == {"planted"}


def test_bytes_without_a_canary_have_no_finding(canaries: Canaries) -> None:
    """The search does not cry wolf, not even for another run's canaries."""
    other = Canaries()
    assert canaries.search(NOISE * 4_000 + other.text("planted").encode(), "here") == []


def test_a_canary_cut_short_is_found(canaries: Canaries) -> None:
    """A secret of which only the beginning was kept is a leak of an unknown canary."""
    data = canaries.text("planted")[:-2].encode()
    assert channels(canaries.search(data, "here")) == {UNKNOWN}


def test_a_channel_has_one_canary_of_a_kind(canaries: Canaries) -> None:
    """The same channel gets the same secret, every other channel another one."""
    made = [canaries.text(f"channel {number}") for number in range(1_000)]
    assert len(set(made)) == 1_000
    assert made == [canaries.text(f"channel {number}") for number in range(1_000)]
    addresses = {canaries.ipv4(f"channel {number}") for number in range(500)}
    assert len(addresses) == 500


@pytest.mark.parametrize("compression", ["NONE", "SNAPPY", "ZSTD", "GZIP", "LZ4", "BROTLI"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_parquet_is_searched_page_by_page(
    tmp_path: Path, canaries: Canaries, compression: str, version: str, *, dictionary: bool
) -> None:
    """A canary is found in the pages of a column, in its values and nowhere else."""
    secret = canaries.text("planted")
    column = [secret if number % 7 == 0 else f"value {number % 5}" for number in range(5_000)]
    table = pa.table({"id": column, "number": list(range(5_000)), "none": [None] * 5_000})
    pq.write_table(
        table,
        tmp_path / "part.parquet",
        compression=compression,
        use_dictionary=dictionary,
        data_page_version=version,
        write_statistics=False,
        row_group_size=2_000,
    )
    found = canaries.search_tree(tmp_path)
    where = {finding.where.partition(" ")[2] for finding in found if finding.channel == "planted"}
    page = "dictionary page" if dictionary else "data page"
    assert {f"({page} of id)", "(column id)"} <= where
    assert channels(found) == {"planted"}


def test_parquet_statistics_are_searched(tmp_path: Path, canaries: Canaries) -> None:
    """A canary that statistics repeat is found there."""
    table = pa.table({"id": [canaries.text("planted")]})
    pq.write_table(table, tmp_path / "part.parquet", compression="zstd")
    where = {finding.where.partition(" ")[2] for finding in canaries.search_tree(tmp_path)}
    assert {"(metadata)", "(raw)"} <= where


def test_all_pages_are_read() -> None:
    """The pages of a Parquet file hold all of its values, in every row group and column."""
    sink = pa.BufferOutputStream()
    words = [f"word-{number:05}" for number in range(10_000)]
    table = pa.table({"a": words, "b": words[::-1]})
    pq.write_table(table, sink, use_dictionary=False, row_group_size=3_000, data_page_size=1_000)
    seen: dict[str, bytes] = {}
    for name, page in pages(sink.getvalue().to_pybytes()):
        seen[name] = seen.get(name, b"") + page
    for column in ("a", "b"):
        content = seen[f"data page of {column}"]
        assert all(word.encode() in content for word in words)


def test_a_broken_parquet_file_is_not_passed_over(tmp_path: Path, canaries: Canaries) -> None:
    """What cannot be read cannot be searched, so it is an error."""
    (tmp_path / "part.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(pa.ArrowInvalid):
        canaries.search_tree(tmp_path)


def test_sqlite_is_searched_with_its_log_and_free_pages(tmp_path: Path, canaries: Canaries) -> None:
    """A canary is found in rows cut by pages, in the write-ahead log and in pages that are free."""
    path = tmp_path / "spool.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE records (body BLOB)")
        deleted = b"x" * 3_000 + canaries.text("deleted").encode()
        database.executemany("INSERT INTO records VALUES (?)", [(deleted,)] * 20)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("DELETE FROM records")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        long = b"y" * 4_080 + canaries.text("long").encode() * 3 + b"z" * 9_000
        database.execute("INSERT INTO records VALUES (?)", (long,))
        assert {"deleted", "long"} <= channels(canaries.search_tree(tmp_path))
        rows = [f for f in canaries.search_tree(tmp_path) if f.where == "spool.db (rows)"]
        assert channels(rows) == {"long"}


def test_compressed_files_and_file_names_are_searched(tmp_path: Path, canaries: Canaries) -> None:
    """A canary is found behind gzip and Zstandard, one inside the other, and in a file's name."""
    inner = json.dumps({"id": canaries.uuid("gzip")}).encode()
    (tmp_path / "log.gz").write_bytes(gzip.compress(gzip.compress(inner)))
    packed = pa.compress(canaries.text("zstd").encode(), "zstd", asbytes=True)
    (tmp_path / "log.zst").write_bytes(packed)
    (tmp_path / canaries.text("name")).mkdir()
    assert channels(canaries.search_tree(tmp_path)) == {"gzip", "zstd", "name"}
