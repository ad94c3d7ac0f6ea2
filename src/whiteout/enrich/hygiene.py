"""What a site wants left out of every event, before anything is derived (C-3, F-P4, F-P12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from whiteout.enrich.nested import decode_base64
from whiteout.enrich.pii import hidden_parameters
from whiteout.enrich.settings import AddressMask, EnrichSettings
from whiteout.enrich.urls import LONGEST_URL
from whiteout.privacy import (
    JSON_PARAMETERS,
    AddressPolicy,
    NotBase64Error,
    UrlRules,
    encode_base64url,
    keep_address,
    mask_address,
    tidy_url,
)

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_URL = "://"


@dataclass(frozen=True, slots=True)
class Hygiene:
    """Parameters that URLs lose, what addresses lose, and parameters that no failed event holds."""

    rules: UrlRules | None = None
    mask: AddressMask | None = None
    hidden: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: EnrichSettings) -> Hygiene:
        """As the settings say."""
        return cls(settings.url_rules or None, settings.mask, hidden_parameters(settings.pii))

    @property
    def quotes(self) -> bool:
        """Whether a fault may quote what was sent: not where something of it has to go."""
        return self.rules is None and not self.hidden

    def address(self, text: str | None, policy: AddressPolicy) -> str | None:
        """What is kept of an address (A-58, C-7, C-12)."""
        return _address(text, policy, self.mask)

    def json(self, text: str | None) -> str | None:
        """JSON, with the rules for URLs applied to every URL in it. Raises ValueError."""
        if self.rules is None or text is None or not ("?" in text or "#" in text):
            return text
        value = _decode(text)
        clean = _cleaned(value, self.rules)
        return text if clean == value else _encode(clean).decode()

    def parameters(self, event: Mapping[str, Any], policy: AddressPolicy) -> dict[str, Any]:
        """The parameters of a failed event without what no event keeps (A-58, B-68, F-P11).

        That is user info, `_sp`, and the address but for what `policy` keeps of it.
        """
        kept = {name: value for name, value in event.items() if name not in self.hidden}
        for name in ("url", "refr"):
            url = kept.get(name)
            if isinstance(url, str):
                # What is too long to be a URL is too long to be looked through as well.
                kept[name] = self._url(url) if len(url) <= LONGEST_URL else None
        address = kept.pop("ip", None)
        if isinstance(address, str):
            shortened = self.address(address, policy)
            if shortened is not None:
                kept["ip"] = shortened
        if self.rules is not None:
            for name, encoded in JSON_PARAMETERS.items():
                if name in kept:
                    kept[name] = self._json_parameter(kept[name], encoded=encoded)
        return kept

    def _url(self, url: str) -> str:
        tidy = tidy_url(url)
        return tidy if self.rules is None else self.rules.clean(tidy)

    def _json_parameter(self, text: object, *, encoded: bool) -> str | None:
        """The parameter again; None for what cannot be looked through."""
        try:
            if not encoded:
                return self.json(str(text))
            clean = self.json(decode_base64(str(text)).decode())
            return encode_base64url((clean or "").encode()).decode()
        except (ValueError, RecursionError, NotBase64Error):
            return None


NO_HYGIENE = Hygiene()
"""Nothing beyond what holds for every event."""


@lru_cache(maxsize=4096)
def _address(text: str | None, policy: AddressPolicy, mask: AddressMask | None) -> str | None:
    kept = keep_address(text, policy)
    return kept if mask is None else mask_address(kept, mask.octets, mask.segments)


def _cleaned(value: Any, rules: UrlRules) -> Any:
    if isinstance(value, str):
        return rules.clean(value) if _URL in value else value
    if isinstance(value, dict):
        return {key: _cleaned(item, rules) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, rules) for item in value]
    return value
