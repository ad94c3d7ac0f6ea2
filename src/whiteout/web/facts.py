"""What a request says about its visitor, the same from every framework."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from whiteout.tracker.cookies import read_cookies

_SAFE = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A request: its address, its cookies as they came, its headers by lower-case name.

    `address` is that of the peer, as the server knows it.
    """

    method: str
    url: str
    host: str
    headers: Callable[[str], Iterable[str]]
    cookies: Mapping[str, str]
    address: str | None

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next(iter(self.headers(name)), None)

    @classmethod
    def of_scope(cls, scope: Mapping[str, object]) -> RequestFacts:
        """The facts of an ASGI scope."""
        found: dict[str, list[str]] = {}
        pairs: Iterable[tuple[bytes, bytes]] = scope.get("headers", ())  # type: ignore[assignment]
        for key, value in pairs:
            found.setdefault(key.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        host = (found.get("host") or [""])[0]
        raw = scope.get("raw_path")
        path = (
            raw.partition(b"?")[0].decode("latin-1")
            if isinstance(raw, bytes)
            else quote(str(scope.get("path", "/")), safe=_SAFE)
        )
        query = scope.get("query_string")
        client = scope.get("client")
        return cls(
            method=str(scope.get("method", "GET")),
            url=_url(
                str(scope.get("scheme", "http")),
                host,
                path,
                query.decode("latin-1") if isinstance(query, bytes) else "",
            ),
            host=host,
            headers=lambda name: found.get(name, ()),
            cookies=read_cookies(found.get("cookie", ())),
            address=str(client[0]) if isinstance(client, (list, tuple)) and client else None,
        )

    @classmethod
    def of_environ(cls, environ: Mapping[str, object]) -> RequestFacts:
        """The facts of a WSGI environment."""

        def headers(name: str) -> Iterable[str]:
            value = environ.get("HTTP_" + name.upper().replace("-", "_"))
            return () if value is None else (str(value),)

        host = next(iter(headers("host")), "") or str(environ.get("SERVER_NAME", ""))
        path = str(environ.get("SCRIPT_NAME", "")) + str(environ.get("PATH_INFO", ""))
        address = environ.get("REMOTE_ADDR")
        return cls(
            method=str(environ.get("REQUEST_METHOD", "GET")),
            url=_url(
                str(environ.get("wsgi.url_scheme", "http")),
                host,
                quote(path.encode("latin-1", "replace"), safe=_SAFE),
                str(environ.get("QUERY_STRING", "")),
            ),
            host=host,
            headers=headers,
            cookies=read_cookies(headers("cookie")),
            address=str(address) if address else None,
        )


def _url(scheme: str, host: str, path: str, query: str) -> str:
    return f"{scheme}://{host}{path or '/'}" + (f"?{query}" if query else "")
