"""URLs as every event carries them."""

from __future__ import annotations

import re

_USER_INFO = re.compile(r"^([a-z][\w+.\-]*:)?(//)[^/?#]*@", re.IGNORECASE)


def without_userinfo(url: str) -> str:
    """A URL without credentials; the rest is as the program gave it (W11)."""
    return _USER_INFO.sub(lambda match: f"{match[1] or ''}{match[2]}", url) if "@" in url else url
