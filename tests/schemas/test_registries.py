"""Registries: what they are asked, and what of their answers is believed (E-6, E-11)."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.schemas.registry_server import KEY, ORDER, OTHER, RegistryServer, registry, response
from whiteout.protocol.iglu import SchemaKey, parse_uri
from whiteout.schemas import (
    FolderRegistry,
    HttpRegistry,
    RegistryError,
    SchemaNotFound,
    document,
    is_askable,
    registry_at,
)


@pytest.fixture
def server() -> Iterator[RegistryServer]:
    """A registry that has one schema."""
    with registry() as running:
        yield running


def test_e_6_a_request_names_the_schema_and_nothing_else(server: RegistryServer) -> None:
    """E-6: one GET below /schemas/, in which nothing but the key of the schema varies."""
    assert HttpRegistry(server.address + "/").fetch(KEY) == ORDER
    host = server.address.removeprefix("http://")
    assert server.requests == [
        b"GET /schemas/com.acme/order/jsonschema/1-0-0 HTTP/1.1\r\n"
        b"Host: " + host.encode() + b"\r\n"
        b"Accept-Encoding: identity\r\n"
        b"Accept: application/json\r\n\r\n"
    ]


def test_e_6_a_key_goes_to_its_host_alone(server: RegistryServer) -> None:
    """E-6: the header `apikey` is sent to the host that it is for."""
    registry_at(server.address, {"127.0.0.1": "s3cret"}).fetch(KEY)
    registry_at(server.address, {"elsewhere": "s3cret"}).fetch(KEY)
    assert [b"apikey: s3cret\r\n" in request for request in server.requests] == [True, False]
    assert "s3cret" not in repr(registry_at(server.address, {"127.0.0.1": "s3cret"}))


def test_e_6_what_is_not_there_and_what_cannot_be_asked_differ(server: RegistryServer) -> None:
    """E-6: 404 means that there is no such schema; anything else says nothing about it."""
    with pytest.raises(SchemaNotFound):
        HttpRegistry(server.address).fetch(OTHER)
    server.answer(KEY, response(500, b""))
    with pytest.raises(RegistryError, match="status 500"):
        HttpRegistry(server.address).fetch(KEY)
    server.close()
    with pytest.raises(RegistryError, match="cannot be asked"):
        HttpRegistry("http://127.0.0.1:1").fetch(KEY)


def test_e_11_no_redirect_is_followed(server: RegistryServer) -> None:
    """E-11: a redirect is an error, and where it leads nobody is asked."""
    with registry() as other:
        there = f"Location: {other.address}/schemas/{'/'.join(KEY)}"
        server.answer(KEY, response(302, b"", there))
        with pytest.raises(RegistryError, match="status 302"):
            HttpRegistry(server.address).fetch(KEY)
        assert other.requests == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'"text"', "another schema"),
        (json.dumps(document(OTHER, {"type": "object"})).encode(), "another schema"),
        (json.dumps(document(KEY, {"type": "banana"})).encode(), "not a draft-4 schema"),
        (json.dumps(document(KEY, {"$ref": "http://evil.example/x"})).encode(), "another document"),
        (b" " * (1024 * 1024 + 1), "more than 1048576 bytes"),
    ],
    ids=["html", "deep", "text", "other", "invalid", "remote", "large"],
)
def test_e_11_an_answer_is_checked_before_it_is_used(
    server: RegistryServer, tmp_path: Path, body: bytes, why: str
) -> None:
    """E-11, E-12, E-15: what is no usable schema of that very key is refused, from either kind."""
    server.answer(KEY, response(200, body))
    with pytest.raises(RegistryError, match=why):
        HttpRegistry(server.address).fetch(KEY)
    put(tmp_path, KEY, body)
    with pytest.raises(RegistryError, match=why):
        FolderRegistry(tmp_path).fetch(KEY)


@pytest.mark.parametrize(("delay", "drip"), [(5.0, 0.0), (0.0, 0.05)])
def test_e_6_a_slow_registry_is_given_up(server: RegistryServer, delay: float, drip: float) -> None:
    """E-6: an answer has a time limit as a whole, also where each byte of it arrives in time."""
    server.delay, server.drip = delay, drip
    began = time.monotonic()
    with pytest.raises(RegistryError, match="too long"):
        HttpRegistry(server.address, read=0.3).fetch(KEY)
    assert time.monotonic() - began < 2


def put(folder: Path, key: SchemaKey, body: bytes) -> None:
    """Write a schema into a folder."""
    path = folder.joinpath(*key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


@pytest.mark.parametrize("below", ["", "schemas"])
def test_e_6_a_folder_is_a_registry(tmp_path: Path, below: str) -> None:
    """E-6: a folder holds a file for each schema, below `schemas` or not."""
    put(tmp_path / below, KEY, json.dumps(ORDER).encode())
    assert registry_at(str(tmp_path)).fetch(KEY) == ORDER
    with pytest.raises(SchemaNotFound):
        registry_at(str(tmp_path)).fetch(OTHER)
    with pytest.raises(RegistryError, match="no such folder"):
        registry_at(str(tmp_path / "nowhere")).fetch(KEY)


@pytest.mark.parametrize(
    "place",
    [
        "http://registry.example",
        "ftp://127.0.0.1",
        "https://user:secret@registry.example",
        "https://registry.example/?x=1",
        "https://",
    ],
)
def test_e_11_only_https_leaves_this_machine(place: str) -> None:
    """E-11: registries elsewhere are asked over https, and addresses hold no secret."""
    with pytest.raises(ValueError, match="https"):
        registry_at(place)


@pytest.mark.parametrize(
    "uri",
    [
        "iglu:../etc/jsonschema/1-0-0",
        "iglu:./x/jsonschema/1-0-0",
        "iglu:com..acme/x/jsonschema/1-0-0",
        "iglu:com.acme/x/avro/1-0-0",
        f"iglu:{'v' * 101}/x/jsonschema/1-0-0",
        f"iglu:com.acme/{'n' * 101}/jsonschema/1-0-0",
        "iglu:com.acme/x/jsonschema/123456789-123456789-1",
        "iglu:com.acme/u-1f1b8a1e-0b1a-4c0e-9d6a-0f4a3c1f0c11/jsonschema/1-0-0",
        "iglu:com.acme/d41d8cd98f00b204e9800998ecf8427e/jsonschema/1-0-0",
        "iglu:com.acme/phone_4915112345678/jsonschema/1-0-0",
    ],
)
def test_e_11_odd_names_are_not_asked_for(uri: str) -> None:
    """E-11: a name that could leave a folder, is very long, or looks like an id goes nowhere."""
    key = parse_uri(uri)
    assert key is not None
    assert not is_askable(key)


def test_e_7_vendors_bound_what_is_asked_for() -> None:
    """E-7: where vendors are configured, only their schemas and those below them are asked for."""
    vendors = frozenset({"com.acme"})
    assert is_askable(KEY, vendors)
    assert is_askable(KEY._replace(vendor="com.acme.shop"), vendors)
    assert not is_askable(KEY._replace(vendor="com.acmeshop"), vendors)
    assert not is_askable(KEY._replace(vendor="com"), vendors)


_PART = st.text("ab.-_/0123456789%", max_size=12)


@given(parts=st.tuples(_PART, _PART, st.just("jsonschema"), st.just("1-0-0")))
def test_e_11_what_is_asked_for_stays_below_its_folder(parts: tuple[Any, ...]) -> None:
    """E-1, E-11: of all URIs that there are, those that are asked for make four plain parts."""
    key = parse_uri("iglu:" + "/".join(parts))
    if key is not None and is_askable(key):
        assert all(re.fullmatch(r"[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*", part) for part in key)
