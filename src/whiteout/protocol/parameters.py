"""The parameters of the tracker protocol, as one table (B-23 to B-45, B.6).

Each row says how a parameter's text is converted, which canonical columns it fills, and since which
revision the `payload_data` schema knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Converter = Literal[
    "text",
    "int",
    "decimal",
    "bool",
    "dims",
    "uuid",
    "ts",
    "event",
    "platform",
    "ip",
    "json",
    "none",
]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the tracker protocol.

    `since` is the addition number of the first `payload_data/1-0-*` schema with it, or None for a
    parameter that only GET requests can carry (B-25). `converter` is `none` for one that is
    accepted and dropped. `encoded` tells that the JSON is base64url text (B-44).
    """

    name: str
    converter: Converter
    columns: tuple[str, ...]
    since: int | None
    encoded: bool = False


def _row(
    name: str,
    column: str = "",
    converter: Converter = "text",
    *,
    since: int | None = 0,
    encoded: bool = False,
) -> Parameter:
    return Parameter(name, converter, tuple(column.split()), since, encoded)


PARAMETERS: tuple[Parameter, ...] = (
    _row("e", "event", "event"),
    _row("p", "platform", "platform"),
    _row("tv", "v_tracker"),
    _row("tna", "name_tracker"),
    _row("aid", "app_id"),
    _row("eid", "event_id", "uuid"),
    _row("tid", "txn_id", "int"),
    _row("dtm", "dvce_created_tstamp", "ts"),
    _row("stm", "dvce_sent_tstamp", "ts", since=3),
    _row("ttm", "true_tstamp", "ts", since=4),
    _row("cv", "v_collector", since=None),
    _row("uid", "user_id"),
    _row("duid", "domain_userid"),
    _row("sid", "domain_sessionid", "uuid", since=3),
    _row("vid", "domain_sessionidx", "int"),
    _row("nuid", "network_userid"),
    _row("tnuid", "network_userid", since=2),
    _row("ip", "user_ipaddress", "ip"),
    _row("fp", "user_fingerprint"),
    _row("ua", "useragent", since=1),
    _row("url", "page_url"),
    _row("page", "page_title"),
    _row("refr", "page_referrer"),
    _row("lang", "br_lang"),
    _row("cookie", "br_cookies", "bool"),
    _row("f_pdf", "br_features_pdf", "bool"),
    _row("f_fla", "br_features_flash", "bool"),
    _row("f_java", "br_features_java", "bool"),
    _row("f_dir", "br_features_director", "bool"),
    _row("f_qt", "br_features_quicktime", "bool"),
    _row("f_realp", "br_features_realplayer", "bool"),
    _row("f_wma", "br_features_windowsmedia", "bool"),
    _row("f_gears", "br_features_gears", "bool"),
    _row("f_ag", "br_features_silverlight", "bool"),
    _row("cd", "br_colordepth"),
    _row("tz", "os_timezone"),
    _row("cs", "doc_charset"),
    _row("res", "dvce_screenwidth dvce_screenheight", "dims"),
    _row("vp", "br_viewwidth br_viewheight", "dims"),
    _row("ds", "doc_width doc_height", "dims"),
    _row("co", "contexts", "json"),
    _row("cx", "contexts", "json", encoded=True),
    _row("ue_pr", "unstruct_event", "json"),
    _row("ue_px", "unstruct_event", "json", encoded=True),
    _row("ev_ca", "se_category", since=None),
    _row("ev_ac", "se_action", since=None),
    _row("ev_la", "se_label", since=None),
    _row("ev_pr", "se_property", since=None),
    _row("ev_va", "se_value", "decimal", since=None),
    _row("se_ca", "se_category"),
    _row("se_ac", "se_action"),
    _row("se_la", "se_label"),
    _row("se_pr", "se_property"),
    _row("se_va", "se_value", "decimal"),
    _row("tr_id", "tr_orderid"),
    _row("tr_af", "tr_affiliation"),
    _row("tr_tt", "tr_total", "decimal"),
    _row("tr_tx", "tr_tax", "decimal"),
    _row("tr_sh", "tr_shipping", "decimal"),
    _row("tr_ci", "tr_city"),
    _row("tr_st", "tr_state"),
    _row("tr_co", "tr_country"),
    _row("tr_cu", "tr_currency"),
    _row("ti_id", "ti_orderid"),
    _row("ti_sk", "ti_sku"),
    _row("ti_na", "ti_name"),
    _row("ti_nm", "ti_name"),
    _row("ti_ca", "ti_category"),
    _row("ti_pr", "ti_price", "decimal"),
    _row("ti_qu", "ti_quantity", "int"),
    _row("ti_cu", "ti_currency"),
    _row("pp_mix", "pp_xoffset_min", "int"),
    _row("pp_max", "pp_xoffset_max", "int"),
    _row("pp_miy", "pp_yoffset_min", "int"),
    _row("pp_may", "pp_yoffset_max", "int"),
    *(
        _row(name, converter="none")
        for name in (
            *("ad_ad", "ad_ba", "ad_ca", "ad_uid", "ctype", "mac"),
            *("sa", "sn", "sp", "st", "ue_na"),
        )
    ),
)
"""Every parameter. Of two that fill one column the later row wins (B-29, B-31)."""

BY_NAME: dict[str, Parameter] = {row.name: row for row in PARAMETERS}
"""Each parameter by its name."""

NAMES: frozenset[str] = frozenset(BY_NAME)
"""Names of all parameters."""

PAYLOAD_NAMES: frozenset[str] = frozenset(row.name for row in PARAMETERS if row.since is not None)
"""Names that the newest `payload_data` schema allows in a POST (B-24, B-26)."""

QUERY_FORBIDDEN_IN_POST: frozenset[str] = frozenset(
    {"uid", "duid", "nuid", "tnuid", "ip", "fp", "sid", "vid", "eid"}
)
"""Parameters that the query string of a POST must not put into every event of it (F-P23)."""

REQUIRED: tuple[str, ...] = ("tv", "p", "e")
"""Parameters without which a POST event is a violation (B-23, B-27)."""

EVENT_CODES: dict[str, str] = {
    "pv": "page_view",
    "pp": "page_ping",
    "se": "struct",
    "ev": "struct",
    "ue": "unstruct",
    "tr": "transaction",
    "ti": "transaction_item",
    "ad": "ad_impression",
}
"""Event codes of the parameter `e` and the events they name (B-41)."""

PLATFORMS: frozenset[str] = frozenset(
    {"web", "iot", "app", "mob", "pc", "cnsl", "tv", "srv", "headset"}
)
"""Values of the parameter `p` (B-42)."""
