"""Forgetting somebody who is stored under pseudonyms too.

Pseudonyms change with their keys. Under each key that is still kept, those of an identifier can be
made again, and what is stored under them is removed in the same way. Once a key is destroyed nobody
can tell whose its pseudonyms were, so these rows are nobody's any more (C-23).
"""

from __future__ import annotations

from typing import Any

from whiteout.commands.asking import AskingError, Tell, ask
from whiteout.config import Config
from whiteout.enrich import KeysUnavailable, PiiSettings
from whiteout.enrich.pii_rules import Strategy
from whiteout.enrichment import enrich_settings
from whiteout.keyring import Keyring
from whiteout.lake import LakeError, LakeReader
from whiteout.privacy import pseudonyms
from whiteout.rights import Selector

UNLINKED = (
    "Rows stored under pseudonyms whose keys are destroyed cannot be linked to anybody, "
    "and were not looked for."
)


def forget(config: Config, selector: Selector, *, tell: Tell | None = None) -> Any:
    """Have somebody forgotten under the identifier, and under each pseudonym that it has.

    The receipt is that of the identifier, with what was removed under pseudonyms added. Raises
    AskingError.
    """
    kind = selector.kind.name
    receipt = ask(config, "forget", selector=kind, value=selector.value, tell=tell)
    # Now all that was accepted before is in the lake, and with it every site that had events.
    try:
        names = pseudonyms_of(config, selector)
    except (KeysUnavailable, LakeError) as error:
        raise AskingError(
            f"{error}; what is stored under the identifier itself is removed, but not what is "
            "stored under its pseudonyms: mend that, and ask again"
        ) from None
    if names is None:
        return receipt
    more = [ask(config, "forget", selector=kind, value=name, tell=tell) for name in names]
    removed = {place: sum(one["removed"][place] for one in more) for place in receipt["removed"]}
    return {
        **receipt,
        "clean": all(one["clean"] for one in (receipt, *more)),
        "pseudonyms": {
            "looked_for": len(names),
            "removed": removed,
            "receipts": [one["receipt"] for one in more],
            "note": UNLINKED,
        },
    }


def pseudonyms_of(config: Config, selector: Selector) -> list[str] | None:
    """Every pseudonym that an identifier may be stored under; None where there are none at all.

    Raises KeysUnavailable and LakeError.
    """
    pii = enrich_settings(config).pii
    if pii is None or not _makes_pseudonyms(pii):
        return None
    spellings = [selector.value]
    if selector.is_uuid:
        spellings += [selector.value.lower(), selector.value.upper()]
    if pii.compatible is not None:
        makers = [pii.compatible]
    else:
        keys = pii.keys.known() if isinstance(pii.keys, Keyring) else []
        sites = _sites(config) if pii.per_site and keys else {""}
        makers = [pseudonyms(key, site) for key in keys for site in sorted(sites)]
    return list(dict.fromkeys(make(text) for make in makers for text in spellings))


def lines(receipt: dict[str, Any]) -> list[str]:
    """What a receipt says of pseudonyms, for people; nothing where there are none."""
    told = receipt.get("pseudonyms")
    if told is None:
        return []
    removed = ", ".join(f"{count} {place}" for place, count in told["removed"].items())
    return [f"Under {told['looked_for']} pseudonyms: removed {removed}.", told["note"]]


def _makes_pseudonyms(pii: PiiSettings) -> bool:
    used = {rule.strategy for rule in pii.rules.columns}
    used |= {rule.strategy for rule in pii.rules.entities}
    return Strategy.PSEUDONYMISE in used


def _sites(config: Config) -> set[str]:
    sql = "SELECT DISTINCT coalesce(app_id, '') FROM events"
    with LakeReader(config.folder / "lake").connect() as connection:
        return {"", *(row[0] for row in connection.execute(sql).fetchall())}
