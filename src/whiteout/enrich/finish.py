"""The last steps of every row, in the order that puts privacy first (C-3, F-P14).

First what the site wants left out: parameters in URLs, which the URLs have lost when they are read,
and parts of addresses. Then what is derived of what is left. Last the pseudonyms, so that they
reach what was derived too. Nothing here asks anybody outside the process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from whiteout.enrich import places as at
from whiteout.enrich.derive import Derive
from whiteout.enrich.hygiene import Hygiene
from whiteout.enrich.nested import NestedParts
from whiteout.enrich.pii import Pii
from whiteout.enrich.setters import Row
from whiteout.enrich.settings import EnrichSettings
from whiteout.enrich.superseded import with_validation
from whiteout.privacy import mask_address


class Finish:
    """Takes the last steps of rows, one by one or a column each."""

    def __init__(self, settings: EnrichSettings) -> None:
        self.hygiene = Hygiene.of(settings)
        self.derive = Derive(settings.derived)
        self._pii = None if settings.pii is None else Pii(settings.pii)

    def row(
        self, row: Row, now: int, nested: NestedParts, *, identified: bool, coarse: bool
    ) -> None:
        """One row whose other columns are filled; `now` is the time of processing.

        `nested` is what its JSON holds; `coarse` derives from the coarse form of the user agent
        alone (C-38).
        """
        mask = self.hygiene.mask
        if mask is not None:
            address = row[at.USER_IPADDRESS]
            row[at.USER_IPADDRESS] = mask_address(address, mask.octets, mask.segments)
        if self.hygiene.rules is not None:
            row[at.CONTEXTS] = self.hygiene.json(row[at.CONTEXTS])
            row[at.UNSTRUCT_EVENT] = self.hygiene.json(row[at.UNSTRUCT_EVENT])
        self.derive.fill(row, identified=identified, coarse=coarse)
        if nested.replaced:
            row[at.DERIVED_CONTEXTS] = with_validation(row[at.DERIVED_CONTEXTS], nested.replaced)
        if self._pii is not None:
            self._pii.row(row, now)

    def columns(self, columns: list[Sequence[Any] | None], now: int) -> None:
        """The same for rows whose addresses and derived columns are filled already."""
        if self.hygiene.rules is not None:
            for place in (at.CONTEXTS, at.UNSTRUCT_EVENT):
                columns[place] = list(map(self.hygiene.json, columns[place] or ())) or None
        if self._pii is not None:
            self._pii.columns(columns, now)
