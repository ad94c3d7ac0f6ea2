"""Built pages, with the files they name linked by digest and their places filled."""

from __future__ import annotations

import re
from functools import cache
from html import escape

from whiteout import assets

_ASSET = re.compile(r'"(/assets/|/)([a-z0-9-]+\.(?:js|css|svg))"')
_PLACE = re.compile(r"%([a-z]+)%")


def render(name: str, **values: str) -> str:
    """The page `name` with each `%place%` filled by the value of that name, escaped.

    Raises KeyError when there is no such page or a place has no value.
    """
    return _PLACE.sub(lambda found: escape(values[found[1]]), _linked(name))


@cache
def _linked(name: str) -> str:
    page = assets.read(name).decode()
    return _ASSET.sub(lambda found: f'"{found[1]}{found[2]}?v={assets.digest(found[2])}"', page)
