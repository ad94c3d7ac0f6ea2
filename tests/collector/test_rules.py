"""Every rule of the collector that others rely on has a test named after it (A.1 to A.13)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from whiteout.options import OPTIONS

TESTS = Path(__file__).parents[1]

WIRE = (
    *(1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20, 21, 24, 25, 26, 27, 29, 30, 31),
    *(33, 38, 39, 45, 47, 48, 49, 53, 55, 63, 66, 67, 68, 69, 70, 71, 73, 74, 75, 79, 80, 81, 85),
)
"""Numbers of the rules of section A that trackers or operators rely on.

Left out are A-59 and A-60, which describe the bytes between the parts of another collector: here a
record is read by nobody but whiteout.
"""

OPTION_OF = {
    "interface": "host",
    "port": "port",
    "paths": "paths",
    "cookie.enabled": "cookie",
    "cookie.expiration": "cookie_lifetime",
    "cookie.name": "cookie_name",
    "cookie.domains": "cookie_domains",
    "cookie.fallbackDomain": "cookie_fallback_domain",
    "cookie.secure": "cookie_secure",
    "cookie.httpOnly": "cookie_http_only",
    "cookie.sameSite": "cookie_same_site",
    "doNotTrackCookie": "opt_out_cookie",
    "redirectDomains": "redirect_hosts",
    "rootResponse.statusCode": "root_status",
    "rootResponse.headers": "root_headers",
    "rootResponse.body": "root_body",
    "cors.accessControlMaxAge": "cors_max_age",
    "ssl": "tls_certificate",
    "hsts": "hsts",
    "networking.idleTimeout": "idle_timeout",
    "networking.responseHeaderTimeout": "header_timeout",
    "networking.dropPayloadSize": "body_limit",
    "preTerminationPeriod": "stop_delay",
}
"""What others can be told, and the option that tells it here."""


def test_every_wire_rule_has_its_test() -> None:
    """A.1 to A.13: for each rule there is a test function named after it."""
    text = "".join(path.read_text() for path in TESTS.rglob("test_*.py"))
    named = {int(number) for number in re.findall(r"def test_a_(\d+)_", text)}
    assert set(WIRE) - named == set()


@pytest.mark.parametrize("key", OPTION_OF)
def test_a_85_what_can_be_told(key: str) -> None:
    """A-85: an operator who comes from elsewhere finds an option for each behaviour."""
    assert OPTION_OF[key] in {option.name for option in OPTIONS}
