"""Which campaign brought a visitor, from the query of the page's URL (B-70, B-71)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote_plus

from whiteout.enrich.setters import LIMITS
from whiteout.enrich.text import fitted
from whiteout.protocol.campaigns import CAMPAIGN_FIELDS
from whiteout.protocol.columns import EVENT_INDEX

CLICK_NETWORKS: Mapping[str, str] = {
    "gclid": "Google",
    "msclkid": "Microsoft",
    "dclid": "DoubleClick",
}
"""The advertising network whose click identifiers a parameter holds (B-71)."""

_PLACES = tuple(EVENT_INDEX[f"mkt_{field}"] for field in CAMPAIGN_FIELDS)
CLICK_ID = EVENT_INDEX["mkt_clickid"]
CAMPAIGN_COLUMNS = (*_PLACES, EVENT_INDEX["mkt_network"], CLICK_ID)
"""The columns of a campaign."""

NO_CAMPAIGN: tuple[str | None, ...] = (None,) * len(CAMPAIGN_COLUMNS)
_SEPARATORS = re.compile("[&;]")
_NETWORK_LIMIT = LIMITS[EVENT_INDEX["mkt_network"]] or 0


class Campaigns:
    """Reads campaigns from queries.

    `parameters` says which parameter fills which field, those of one field in their order of
    precedence. Without any, nothing is read. `networks` are the networks of click identifiers;
    the identifiers themselves are kept with `click_ids` alone.
    """

    def __init__(
        self,
        parameters: Sequence[tuple[str, str]],
        networks: Iterable[tuple[str, str]],
        *,
        click_ids: bool,
    ) -> None:
        self._click_limit = (LIMITS[CLICK_ID] or 0) if click_ids else 0
        self._plan = tuple(
            (place, LIMITS[place] or 0, tuple(name for f, name in parameters if f == field))
            for place, field in zip(_PLACES, CAMPAIGN_FIELDS, strict=True)
        )
        self._networks = {**CLICK_NETWORKS, **dict(networks)} if parameters else {}
        self._names = {name for _, name in parameters}.union(self._networks)

    def read(self, query: str | None) -> tuple[str | None, ...]:
        """The values of `CAMPAIGN_COLUMNS`.

        Of the parameters of a field the first that is there wins, even without a value (B-70).
        Values are decoded, and cut to what their columns hold.
        """
        if not query or not self._names:
            return NO_CAMPAIGN
        found: dict[str, str] = {}
        for pair in _SEPARATORS.split(query):
            name, _, value = pair.partition("=")
            if "%" in name:
                name = unquote_plus(name)
            if name in self._names:
                found[name] = value
        if not found:
            return NO_CAMPAIGN
        values = [_first(found, names, limit) for _, limit, names in self._plan]
        for name, network in self._networks.items():
            if name in found:
                click = _first(found, (name,), self._click_limit)
                return (*values, fitted(network, _NETWORK_LIMIT), click)
        return (*values, None, None)


def _first(found: Mapping[str, str], names: Sequence[str], limit: int) -> str | None:
    for name in names:
        if name in found:
            return fitted(unquote_plus(found[name]), limit)
    return None
