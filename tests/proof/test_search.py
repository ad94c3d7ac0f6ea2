"""The byte search finds a text in every form and layer, or its silence would prove nothing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whiteout.proof import layers
from whiteout.proof.forms import NeedleError
from whiteout.proof.search import Found, Searcher, SearchError, search_folder


def _digest_form(name: str, write: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda raw: write(hashlib.new(name, raw).digest())


WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "bytes": bytes,
    "hex": lambda digest: digest.hex().encode(),
    "hex, upper": lambda digest: digest.hex().upper().encode(),
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
}
FORMS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "lower": bytes.lower,
    "upper": bytes.upper,
    "swapped": bytes.swapcase,
    "utf-16": lambda raw: raw.decode().encode("utf-16"),
    "utf-16-be": lambda raw: raw.decode().encode("utf-16-be"),
    "url": lambda raw: b"".join(b"%%%02X" % byte for byte in raw),
    "url, as usual": lambda raw: quote(raw, safe="").encode(),
    "url, twice": lambda raw: quote(quote(raw, safe=""), safe="").encode(),
    "json": lambda raw: json.dumps(raw.decode()).encode(),
    "json in json": lambda raw: json.dumps(json.dumps(raw.decode())).encode(),
    "html": lambda raw: html.escape(raw.decode()).encode(),
    "hex": lambda raw: raw.hex().encode(),
    "hex, upper": lambda raw: raw.hex().upper().encode(),
    "hex of upper": lambda raw: raw.upper().hex().encode(),
    "base64": base64.b64encode,
    "base64 of lower": lambda raw: base64.b64encode(raw.lower()),
    "base64 of upper": lambda raw: base64.b64encode(raw.upper()),
    "base64, 1": lambda raw: base64.b64encode(b"?" + raw),
    "base64, 2": lambda raw: base64.b64encode(b"?>" + raw + b"<"),
    "base64url, 1": lambda raw: base64.urlsafe_b64encode(b"?" + raw),
    "base64url, 2": lambda raw: base64.urlsafe_b64encode(b"??" + raw + b"tail"),
}
FORMS |= {
    f"{name}, {form}": _digest_form(name, write)
    for name in ("md5", "sha1", "sha256")
    for form, write in WRITTEN.items()
}

UUID_FORMS: dict[str, Callable[[UUID], bytes]] = {
    "bytes": lambda value: value.bytes,
    "bytes, little-endian": lambda value: value.bytes_le,
    "hex": lambda value: value.hex.encode(),
    "hex, upper": lambda value: value.hex.upper().encode(),
    "base64 of bytes": lambda value: base64.b64encode(value.bytes),
    "base64 of bytes, 1": lambda value: base64.b64encode(b"\xff" + value.bytes),
    "base64 of bytes, 2": lambda value: base64.urlsafe_b64encode(b"\xff\xff" + value.bytes),
    "base64 of hex": lambda value: base64.b64encode(value.hex.encode()),
    "md5 of bytes": lambda value: hashlib.md5(value.bytes).digest(),
    "sha256 of hex": lambda value: hashlib.sha256(value.hex.encode()).hexdigest().encode(),
}

ASCII = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=60)
NEEDLES = st.one_of(
    ASCII,
    st.text(min_size=6, max_size=40).filter(lambda t: len(t.encode(errors="replace")) >= 6),
    st.uuids().map(str),
    st.emails(),
    st.ip_addresses().map(str).filter(lambda t: len(t) >= 6),
    st.integers(10**6, 10**12).map(str),
)


def names(found: list[Found]) -> set[str]:
    """The needles that were found."""
    return {one.name for one in found}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "text", ['Ada+Love <"lace">&\'\\/@example.test', "user-4711", "2001:db8::77", "1234567"]
)
def test_every_form_of_a_text_is_found(text: str, form: str) -> None:
    """Plain and in any case, escaped, encoded and hashed: each form gives a text away."""
    data = os.urandom(50) + FORMS[form](text.encode()) + os.urandom(50)
    assert names(Searcher.of({"it": text, "other": "somebody else"}).data(data, "here")) == {"it"}


@pytest.mark.parametrize("form", UUID_FORMS)
def test_every_form_of_a_uuid_is_found(form: str) -> None:
    """A UUID is found without dashes and as sixteen bytes of either order too, and their hashes."""
    text = "6F0bcd1e-88A1-4c2d-9b3a-0123456789ab"
    data = os.urandom(50) + UUID_FORMS[form](UUID(text)) + os.urandom(50)
    assert names(Searcher.of({"it": text}).data(data, "here")) == {"it"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=NEEDLES,
    form=st.sampled_from(sorted(FORMS)),
    before=st.binary(max_size=400),
    after=st.binary(max_size=200),
    piece=st.integers(1, 97),
    pack=st.sampled_from([bytes, gzip.compress]),
)
def test_a_text_is_found_at_any_offset_and_across_borders(
    tmp_path_factory: pytest.TempPathFactory,
    text: str,
    form: str,
    before: bytes,
    after: bytes,
    piece: int,
    pack: Callable[[bytes], bytes],
) -> None:
    """Wherever a text stands, and wherever a file is cut while it is read, it is found."""
    if "upper" in form or "lower" in form:
        text = text.encode("ascii", "replace").decode()
    folder = tmp_path_factory.mktemp("search")
    planted = FORMS[form](text.encode(errors="surrogatepass"))
    (folder / "file").write_bytes(pack(b"-" + before + planted + after))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layers, "PIECE", piece)
        assert names(search_folder(folder, {"it": text})) == {"it"}


@settings(max_examples=25, deadline=None)
@given(text=ASCII.filter(lambda t: len(t) > 7), seed=st.integers(0, 2**32))
def test_noise_has_no_finding(text: str, seed: int) -> None:
    """Random bytes, hex and base64 hold no text that was not planted."""
    raw = random.Random(seed).randbytes(200_000)
    searcher = Searcher.of({"it": text, "uuid": "6f0bcd1e-88a1-4c2d-9b3a-0123456789ab"})
    for data in (raw, base64.b64encode(raw), raw.hex().encode()):
        assert searcher.data(data, "here") == []


def test_a_short_text_is_refused() -> None:
    """A text that would be found by chance is no needle, and no error repeats it (A-84)."""
    with pytest.raises(NeedleError, match="5 bytes") as caught:
        Searcher.of({"it": "ab12c"})
    assert "ab12c" not in str(caught.value)


@pytest.mark.parametrize("compression", ["NONE", "SNAPPY", "ZSTD", "GZIP", "LZ4", "BROTLI"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_parquet_is_searched_page_by_page(
    tmp_path: Path, compression: str, version: str, dictionary: bool
) -> None:
    """A text is found in the pages of its column, in every row group, and nowhere else."""
    secret = "planted-secret"
    column = [secret if number == 4_900 else f"value {number % 5}" for number in range(5_000)]
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
    page = "dictionary page" if dictionary else "data page"
    places = {one.place for one in search_folder(tmp_path, {"it": secret})}
    assert f"part.parquet ({page} of id)" in places
    assert places <= {f"part.parquet ({page} of id)", "part.parquet"}


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_parquet_that_takes_texts_apart_is_searched_by_its_values(
    tmp_path: Path, encoding: str
) -> None:
    """A text of which a page holds only what differs from the one before is found all the same."""
    texts = ["common-prefix-of-all-1", "common-prefix-of-all-2"]
    pq.write_table(
        pa.table({"a b": texts, "list": [[], [texts[1]]]}),
        tmp_path / "part.parquet",
        use_dictionary=False,
        write_statistics=False,
        column_encoding={"a b": encoding, "list.list.element": encoding},
    )
    places = {one.place for one in search_folder(tmp_path, {"it": texts[1]})}
    assert {"part.parquet (values of a b)", "part.parquet (values of list)"} <= places


def test_numbers_in_columns_are_found(tmp_path: Path) -> None:
    """A needle that is a number is found in columns of whole and of broken numbers too."""
    table = pa.table({"i": pa.array([7, 2_000_000_011], pa.int32()), "d": [0.5, 2_000_000_012.0]})
    pq.write_table(table, tmp_path / "part.parquet")
    needles = {"int": "2000000011", "double": "2000000012", "none": "2000000013"}
    found = search_folder(tmp_path, needles)
    assert {(one.name, one.place, one.form) for one in found} == {
        ("int", "part.parquet (values of i)", "number"),
        ("double", "part.parquet (values of d)", "number"),
    }


def test_parquet_statistics_are_searched(tmp_path: Path) -> None:
    """A text that statistics repeat is found in the raw file, where they stand uncompressed."""
    table = pa.table({"id": ["planted-secret" * 3]})
    pq.write_table(table, tmp_path / "part.parquet", compression="zstd")
    places = {one.place for one in search_folder(tmp_path, {"it": "planted-secret"})}
    assert "part.parquet" in places


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("part.parquet", b"PAR1 and then nothing", "Parquet"),
        ("log.gz", gzip.compress(os.urandom(999))[:-300], "cut short"),
        ("log.zst", b"\x28\xb5\x2f\xfd and then nothing", "zstd"),
    ],
)
def test_a_broken_file_is_not_passed_over(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    """What cannot be read cannot be searched, so it is an error that names the file."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SearchError, match=f"{name}.*{why}"):
        search_folder(tmp_path, {"it": "planted-secret"})


def test_a_file_that_goes_away_is_no_error(tmp_path: Path) -> None:
    """A server may remove files while its folder is searched."""
    assert Searcher.of({"it": "planted-secret"}).file(tmp_path / "gone", "gone") == []


@pytest.mark.parametrize("page_size", [512, 4_096, 65_536])
def test_sqlite_is_searched_across_pages_in_its_log_and_in_free_pages(
    tmp_path: Path, page_size: int
) -> None:
    """A text cut by a page is found, used or free, in the file and in its log."""
    secret = "0123456789abcdef"
    alone = tmp_path / "log alone"
    alone.mkdir()
    path = tmp_path / "spool.db"
    bodies = [_cut(secret, 4 * page_size, page_size, seam) for seam in range(3)]
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(f"PRAGMA page_size = {page_size}")
        database.execute("PRAGMA journal_mode = WAL").fetchall()
        database.execute("PRAGMA secure_delete = OFF").fetchall()
        database.execute("CREATE TABLE record (id INTEGER PRIMARY KEY, body BLOB)")
        database.executemany("INSERT INTO record (body) VALUES (?)", [(b,) for b in bodies])
        assert _places(tmp_path, secret) == {"spool.db (across pages)"}
        shutil.copyfile(tmp_path / "spool.db-wal", alone / "spool.db-wal")
        assert _places(alone, secret) == {"spool.db-wal (across pages)"}
        (alone / "spool.db-wal").unlink()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        assert _places(tmp_path, secret) == {"spool.db (across pages)"}
        database.execute("DELETE FROM record")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        assert "spool.db (across pages)" in _places(tmp_path, secret)
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        assert _places(tmp_path, secret) == set()


def test_each_seam_of_a_live_value_is_found(tmp_path: Path) -> None:
    """One row alone, with the text at every offset in turn: no cut hides it."""
    secret = "0123456789abcdef"
    for shift in range(0, 1_100, 3):
        path = tmp_path / f"{shift}.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("PRAGMA page_size = 512")
            database.execute("PRAGMA synchronous = OFF").fetchall()
            database.execute("CREATE TABLE record (body BLOB)")
            body = b"x" * shift + secret.encode() + b"y" * 700
            database.execute("INSERT INTO record VALUES (?)", (body,))
    found = search_folder(tmp_path, {"it": secret})
    assert len({one.place.split(" ")[0] for one in found}) == len(list(tmp_path.iterdir()))


def _cut(secret: str, size: int, page_size: int, seam: int) -> bytes:
    """A value of which the page, or an overflow page, ends in the middle of the secret."""
    least = (page_size - 12) * 32 // 255 - 23
    local = least + (size - least) % (page_size - 4)
    start = (local if local <= page_size - 35 else least) + seam * (page_size - 4) - 8
    return (b"x" * start + secret.encode()).ljust(size, b"y")


def _places(folder: Path, text: str) -> set[str]:
    found = search_folder(folder, {"it": text})
    return {one.place for one in found if one.form == "plain" and "-shm" not in one.place}


def test_compressed_files_and_names_are_searched(tmp_path: Path) -> None:
    """A text is found behind gzip and Zstandard, one inside the other, and in a folder's name."""
    (tmp_path / "log.gz").write_bytes(gzip.compress(gzip.compress(b"x" + b"secret-gzip")))
    (tmp_path / "two.gz").write_bytes(gzip.compress(b"first") + gzip.compress(b"secret-second"))
    (tmp_path / "log.zst").write_bytes(pa.compress(b"secret-zstd", "zstd", asbytes=True))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": ["secret-inside"]}), sink, compression="zstd")
    (tmp_path / "part.gz").write_bytes(gzip.compress(sink.getvalue().to_pybytes()))
    (tmp_path / "secret-name").mkdir()
    (tmp_path / "secret-name" / "file").write_bytes(b"secret-zstd")
    needles = {name: f"secret-{name}" for name in ("gzip", "second", "zstd", "inside", "name")}
    found = search_folder(tmp_path, needles)
    assert names(found) == set(needles)
    assert "secret" not in str([one.place for one in found])


def test_progress_is_told(tmp_path: Path) -> None:
    """A long search says how far it is, in bytes of files."""
    (tmp_path / "a").write_bytes(b"x" * 10)
    (tmp_path / "b").write_bytes(b"x" * 30)
    told: list[tuple[int, int]] = []
    search_folder(
        tmp_path, {"it": "secret"}, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(10, 40), (40, 40)]
