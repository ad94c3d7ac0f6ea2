"""The content type of a request as it is kept (A-4)."""

from __future__ import annotations

import re
from functools import lru_cache

_TYPE = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+/[!#$%&'*+\-.^_`|~0-9a-z]+")
_PARAMETER = re.compile(r"""\s*([!#$%&'*+\-.^_`|~0-9a-z]+)\s*=\s*("?)([^\s";]*)\2\s*""")
_LONGEST = 200


def content_type(value: bytes | None) -> str | None:
    """A `Content-Type` header parsed and written again in lower case (A-4).

    None for a missing header and for one that is no media type or longer than any real one.
    """
    return None if value is None or len(value) > _LONGEST else _content_type(value)


@lru_cache(maxsize=256)
def _content_type(value: bytes) -> str | None:
    kind, *parameters = value.decode("latin-1").lower().split(";")
    if not _TYPE.fullmatch(kind.strip()):
        return None
    parts = [kind.strip()]
    for parameter in parameters:
        match = _PARAMETER.fullmatch(parameter)
        if match is not None:
            text = "utf-8" if (match[1], match[3]) == ("charset", "utf8") else match[3]
            parts.append(f"{match[1]}={text}")
        elif parameter.strip():
            return None
    return "; ".join(parts)
