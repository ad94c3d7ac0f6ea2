"""Iglu registries: places that hold schemas, on the network or in a folder (E-6, E-11).

What is asked for was named by a stranger. So a name is looked at before it becomes a part of a
path, a request carries nothing but that name, and an answer has limits of size and of time. No
redirect is followed.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from whiteout.protocol.iglu import SchemaKey
from whiteout.schemas.dialect import BadSchemaError, Definition, compile_schema
from whiteout.schemas.documents import names

LONGEST_SCHEMA = 1024 * 1024
"""Most bytes of a schema (E-11)."""

CONNECT_SECONDS = 1.0
READ_SECONDS = 4.0
"""How long a registry may take to be connected to, and then to answer (E-6)."""

_LONGEST_PART = 100
_LONGEST_VERSION = 17
_VENDOR = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
# Ids of people and devices look so; the names of schemas do not.
_ID_LIKE = re.compile(r"[0-9]{8}|[0-9A-Fa-f]{16}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-")


class SchemaNotFound(Exception):
    """A registry says that it has no such schema."""


class RegistryError(Exception):
    """A registry cannot be asked, or what it answers is no usable schema; the text says why.

    The name of the schema does not stand in it: a stranger may have put anything there.
    """


class Registry(Protocol):
    """A place that holds schemas."""

    @property
    def name(self) -> str:
        """What it is called in messages: its address or folder."""

    def fetch(self, key: SchemaKey) -> Definition:
        """The schema with exactly this key. Raises SchemaNotFound or RegistryError."""


def is_askable(key: SchemaKey, vendors: frozenset[str] = frozenset()) -> bool:
    """Whether registries may be asked for a schema that somebody named.

    Its name has to be of moderate length, made of parts that cannot leave a folder, and without
    anything that looks like an id. With `vendors` only theirs are asked for, and of those whose
    names begin with theirs: `com.acme` stands for `com.acme.shop` too.
    """
    return (
        key.format == "jsonschema"
        and len(key.version) <= _LONGEST_VERSION
        and max(len(key.vendor), len(key.name)) <= _LONGEST_PART
        and _VENDOR.fullmatch(key.vendor) is not None
        and _ID_LIKE.search(f"{key.vendor}/{key.name}") is None
        and (not vendors or any(f"{key.vendor}.".startswith(f"{one}.") for one in vendors))
    )


@dataclass(frozen=True, slots=True)
class HttpRegistry:
    """A registry on the network.

    `address` begins with https://, or with http:// on this machine; `key` is sent as the header
    `apikey`. Times are in seconds.
    """

    address: str
    key: str | None = field(default=None, repr=False)
    connect: float = CONNECT_SECONDS
    read: float = READ_SECONDS

    @property
    def name(self) -> str:
        """The address."""
        return self.address

    def fetch(self, key: SchemaKey) -> Definition:
        """Ask for a schema. Raises SchemaNotFound or RegistryError."""
        headers = {"Accept": "application/json"}
        if self.key is not None:
            headers["apikey"] = self.key
        try:
            status, body = self._get(f"/schemas/{'/'.join(map(quote, key))}", headers)
        except (OSError, HTTPException, ValueError) as error:
            why = "it took too long" if isinstance(error, TimeoutError) else _cause(error)
            raise RegistryError(f"cannot be asked: {why}") from None
        if status == 404:
            raise SchemaNotFound
        if not 200 <= status < 300:
            raise RegistryError(f"answered with status {status}")
        return _usable(body, key)

    def _get(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        parts = urlsplit(self.address)
        host = parts.hostname or ""
        connection: HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection = HTTPSConnection(host, parts.port, timeout=self.connect, context=context)
        else:
            connection = HTTPConnection(host, parts.port, timeout=self.connect)
        with closing(connection):
            connection.connect()
            connection.sock.settimeout(self.read)
            # A time limit of a socket is one for each read, which a slow sender never exceeds.
            late = threading.Event()
            clock = threading.Timer(self.read, _hang_up, (connection.sock, late))
            clock.daemon = True
            clock.start()
            try:
                connection.request("GET", parts.path.rstrip("/") + path, headers=dict(headers))
                answer = connection.getresponse()
                body = answer.read(LONGEST_SCHEMA + 1)
            except (OSError, HTTPException):
                if late.is_set():
                    raise TimeoutError from None
                raise
            finally:
                clock.cancel()
            if late.is_set():
                raise TimeoutError
            return answer.status, body


@dataclass(frozen=True, slots=True)
class FolderRegistry:
    """A registry in a folder, with a file `vendor/name/format/version` for each schema.

    The files may stand below a folder `schemas` in it.
    """

    folder: Path

    @property
    def name(self) -> str:
        """The folder."""
        return str(self.folder)

    def fetch(self, key: SchemaKey) -> Definition:
        """Read a schema. Raises SchemaNotFound or RegistryError."""
        if not self.folder.is_dir():
            raise RegistryError("there is no such folder")
        for root in (self.folder / "schemas", self.folder):
            try:
                with root.joinpath(*key).open("rb") as file:
                    body = file.read(LONGEST_SCHEMA + 1)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise RegistryError(f"cannot be read: {error.strerror}") from None
            return _usable(body, key)
        raise SchemaNotFound


def registry_at(place: str, keys: Mapping[str, str] | None = None) -> Registry:
    """The registry at an address or in a folder; `keys` has the API keys of hosts.

    Raises ValueError with what it takes instead.
    """
    if "://" not in place:
        return FolderRegistry(Path(place))
    parts = urlsplit(place)
    local = parts.scheme == "http" and _is_local(parts.hostname or "")
    odd = parts.query or parts.fragment or parts.username is not None or not parts.hostname
    if odd or not (parts.scheme == "https" or local):
        raise ValueError(
            "folders, and addresses that begin with https:// (http:// on this machine)"
        )
    return HttpRegistry(place, (keys or {}).get(parts.hostname or ""))


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _hang_up(connected: socket.socket, late: threading.Event) -> None:
    late.set()
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _cause(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _usable(body: bytes, key: SchemaKey) -> Definition:
    """The schema in a document. Raises RegistryError."""
    if len(body) > LONGEST_SCHEMA:
        raise RegistryError(f"has a schema of more than {LONGEST_SCHEMA} bytes")
    try:
        definition: Definition = json.loads(body)
    except (ValueError, RecursionError):
        raise RegistryError("answered with something that is not JSON") from None
    if not names(definition, key):
        raise RegistryError("answered with another schema than the one that it was asked for")
    try:
        compile_schema(definition)
    except (BadSchemaError, RecursionError) as error:
        raise RegistryError(f"has a schema that cannot be used: {error}") from None
    return definition
