"""Where a request comes from: this machine, a proxy, the same site, or a foreign page.

Used by the gate (contract 15) and against requests that a foreign page makes with a visitor's
browser (CSRF, DNS rebinding).
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

_LOCAL_HOST = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
_PROXY_HEADER = re.compile(r"forwarded|x-forwarded(?:-.*)?|x-real-ip|via")
_SAME = frozenset({"same-origin", "none"})


def is_loopback(scope: Scope) -> bool:
    """Whether the peer is this machine; a peer that is not known (a socket file) is not."""
    client = scope.get("client")
    if not client:
        return False
    try:
        address = ip_address(client[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def local_host(headers: Headers) -> bool:
    """Whether there is one `Host`, and it names this machine: no rebound name (contract 15)."""
    hosts = headers.getlist("host")
    return len(hosts) == 1 and _LOCAL_HOST.fullmatch(hosts[0]) is not None


def proxy_header(headers: Headers) -> str | None:
    """Name of a header that only a proxy adds, or None (contract 15)."""
    return next((name for name in headers if _PROXY_HEADER.fullmatch(name)), None)


def is_foreign(headers: Headers) -> bool:
    """Whether the browser says that a page of another origin made the request.

    A form sent from a page with `no-referrer` has `Origin: null`, and plain http to another machine
    has no `Sec-Fetch-Site`: what cannot be known counts as not foreign.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in _SAME
    origin = headers.get("origin", "null")
    return origin != "null" and not _own(origin, headers)


def is_own(headers: Headers) -> bool:
    """Whether the browser proves that a page of this very origin made the request."""
    if headers.get("sec-fetch-site") == "same-origin":
        return True
    return _own(headers.get("origin", "null"), headers)


def is_navigation(headers: Headers) -> bool:
    """Whether a person goes to the address, rather than a page fetching it."""
    wanted = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    return wanted == ("navigate", "document")


def is_secure(scope: Scope, headers: Headers) -> bool:
    """Whether the browser talks https, to us or to a proxy in front of us."""
    return (
        scope.get("scheme") == "https"
        or headers.get("x-forwarded-proto", "").lower() == "https"
        or headers.get("origin", "").startswith("https://")
    )


def _own(origin: str, headers: Headers) -> bool:
    # The scheme is left out: behind a proxy that ends TLS it differs from what the browser sees.
    try:
        authority = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(authority) and authority.lower() == headers.get("host", "").lower()
