"""The columns of the tables `events` and `failed_events` (B.6, B-47; contracts 9 and 10).

The first 131 columns of an event are the canonical ones, in the order of the enriched TSV; behind
them stand the columns in which whiteout says what the event was allowed to hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["string", "int", "double", "bool", "ts", "uuid", "json", "strings", "date"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a stored table.

    `type`: `ts` is milliseconds since the epoch (UTC) as an int, `json` is compact JSON text,
    `strings` a list of text, `date` a day as `YYYY-MM-DD`. `max_length` counts UTF-16 code units
    (B-48). A value that is absent is None (contract 10).
    """

    name: str
    type: ColumnType
    max_length: int | None
    nullable: bool
    doc: str


def _column(
    name: str,
    kind: ColumnType,
    max_length: int | None = None,
    *,
    nullable: bool = True,
    doc: str,
) -> Column:
    return Column(name, kind, max_length, nullable, doc)


CANONICAL_COLUMNS: tuple[Column, ...] = (
    _column("app_id", "string", 255, doc="Application that sent the event."),
    _column(
        "platform",
        "string",
        255,
        doc="Platform code: web, mob, app, srv, pc, tv, cnsl, iot, headset.",
    ),
    _column("etl_tstamp", "ts", None, doc="When whiteout processed the event."),
    _column(
        "collector_tstamp", "ts", None, nullable=False, doc="When the collector received the event."
    ),
    _column("dvce_created_tstamp", "ts", None, doc="When the event happened, by the device clock."),
    _column(
        "event",
        "string",
        128,
        doc="Kind of event: page_view, page_ping, struct, unstruct, transaction, transaction_item.",
    ),
    _column("event_id", "uuid", 36, nullable=False, doc="UUID of the event."),
    _column("txn_id", "int", None, doc="Transaction number of the tracker (legacy)."),
    _column("name_tracker", "string", 128, doc="Namespace of the tracker."),
    _column("v_tracker", "string", 100, doc="Tracker and its version."),
    _column("v_collector", "string", 100, nullable=False, doc="Collector and its version."),
    _column("v_etl", "string", 100, nullable=False, doc="Pipeline and its version."),
    _column(
        "user_id", "string", 255, doc="Identifier of the user set by the site. User identifier."
    ),
    _column(
        "user_ipaddress",
        "string",
        128,
        doc="Address of the visitor, truncated by default. Network identifier.",
    ),
    _column(
        "user_fingerprint",
        "string",
        128,
        doc="Browser fingerprint sent by a tracker. User identifier.",
    ),
    _column(
        "domain_userid",
        "string",
        128,
        doc="First-party identifier of the browser. User identifier.",
    ),
    _column("domain_sessionidx", "int", None, doc="Number of the visit. Session identifier."),
    _column(
        "network_userid",
        "string",
        128,
        doc="Identifier in the collector cookie. Network identifier.",
    ),
    _column("geo_country", "string", 2, doc="Place looked up from the address (not computed yet)."),
    _column("geo_region", "string", 3, doc="Place looked up from the address (not computed yet)."),
    _column("geo_city", "string", 75, doc="Place looked up from the address (not computed yet)."),
    _column(
        "geo_zipcode", "string", 15, doc="Place looked up from the address (not computed yet)."
    ),
    _column(
        "geo_latitude", "double", None, doc="Place looked up from the address (not computed yet)."
    ),
    _column(
        "geo_longitude", "double", None, doc="Place looked up from the address (not computed yet)."
    ),
    _column(
        "geo_region_name", "string", 100, doc="Place looked up from the address (not computed yet)."
    ),
    _column("ip_isp", "string", 100, doc="Place looked up from the address (not computed yet)."),
    _column(
        "ip_organization", "string", 128, doc="Place looked up from the address (not computed yet)."
    ),
    _column("ip_domain", "string", 128, doc="Place looked up from the address (not computed yet)."),
    _column(
        "ip_netspeed", "string", 100, doc="Place looked up from the address (not computed yet)."
    ),
    _column("page_url", "string", 10000, doc="Address of the page."),
    _column("page_title", "string", 2000, doc="Title of the page."),
    _column("page_referrer", "string", 10000, doc="Address of the page before."),
    _column("page_urlscheme", "string", 16, doc="Scheme of page_url."),
    _column("page_urlhost", "string", 255, doc="Host of page_url."),
    _column("page_urlport", "int", None, doc="Port of page_url."),
    _column("page_urlpath", "string", 3000, doc="Path of page_url."),
    _column("page_urlquery", "string", 6000, doc="Query of page_url."),
    _column("page_urlfragment", "string", 3000, doc="Fragment of page_url."),
    _column("refr_urlscheme", "string", 16, doc="Scheme of page_referrer."),
    _column("refr_urlhost", "string", 255, doc="Host of page_referrer."),
    _column("refr_urlport", "int", None, doc="Port of page_referrer."),
    _column("refr_urlpath", "string", 6000, doc="Path of page_referrer."),
    _column("refr_urlquery", "string", 6000, doc="Query of page_referrer."),
    _column("refr_urlfragment", "string", 3000, doc="Fragment of page_referrer."),
    _column(
        "refr_medium",
        "string",
        25,
        doc="Kind of referrer: internal, search, social, email, chatbot, paid, unknown.",
    ),
    _column(
        "refr_source",
        "string",
        50,
        doc="Name of the site that the visitor came from, where it is known.",
    ),
    _column(
        "refr_term", "string", 255, doc="Search words of the referrer; of identified events only."
    ),
    _column("mkt_medium", "string", 255, doc="Campaign medium, from the page URL."),
    _column("mkt_source", "string", 255, doc="Campaign source, from the page URL."),
    _column("mkt_term", "string", 255, doc="Campaign words, from the page URL."),
    _column("mkt_content", "string", 500, doc="Campaign content, from the page URL."),
    _column("mkt_campaign", "string", 255, doc="Campaign name, from the page URL."),
    _column(
        "contexts", "json", None, doc="Entities that the tracker attached, as self-describing JSON."
    ),
    _column("se_category", "string", 1000, doc="Structured event: category."),
    _column("se_action", "string", 1000, doc="Structured event: action."),
    _column("se_label", "string", 4096, doc="Structured event: label."),
    _column("se_property", "string", 1000, doc="Structured event: property."),
    _column("se_value", "double", None, doc="Structured event: value."),
    _column(
        "unstruct_event", "json", None, doc="The self-describing event, as self-describing JSON."
    ),
    _column("tr_orderid", "string", 255, doc="Transaction: order number."),
    _column("tr_affiliation", "string", 255, doc="Transaction: affiliation."),
    _column("tr_total", "double", None, doc="Transaction: total."),
    _column("tr_tax", "double", None, doc="Transaction: tax."),
    _column("tr_shipping", "double", None, doc="Transaction: shipping."),
    _column("tr_city", "string", 255, doc="Transaction: city."),
    _column("tr_state", "string", 255, doc="Transaction: state."),
    _column("tr_country", "string", 255, doc="Transaction: country."),
    _column("ti_orderid", "string", 255, doc="Transaction item: order number."),
    _column("ti_sku", "string", 255, doc="Transaction item: article number."),
    _column("ti_name", "string", 255, doc="Transaction item: name."),
    _column("ti_category", "string", 255, doc="Transaction item: category."),
    _column("ti_price", "double", None, doc="Transaction item: price."),
    _column("ti_quantity", "int", None, doc="Transaction item: quantity."),
    _column("pp_xoffset_min", "int", None, doc="Page ping: smallest horizontal scroll offset."),
    _column("pp_xoffset_max", "int", None, doc="Page ping: largest horizontal scroll offset."),
    _column("pp_yoffset_min", "int", None, doc="Page ping: smallest vertical scroll offset."),
    _column("pp_yoffset_max", "int", None, doc="Page ping: largest vertical scroll offset."),
    _column("useragent", "string", 1000, doc="User agent; coarse when the event is anonymous."),
    _column("br_name", "string", 50, doc="Browser and major version."),
    _column("br_family", "string", 50, doc="Browser."),
    _column(
        "br_version",
        "string",
        50,
        doc="Version of the browser; the major one when the event is anonymous.",
    ),
    _column("br_type", "string", 50, doc="Kind of browser: Browser, Browser (mobile), Robot."),
    _column("br_renderengine", "string", 50, doc="Rendering engine; of identified events only."),
    _column("br_lang", "string", 255, doc="Language of the browser."),
    _column(
        "br_features_pdf", "bool", None, doc="Whether the browser has the pdf plug-in (legacy)."
    ),
    _column(
        "br_features_flash", "bool", None, doc="Whether the browser has the flash plug-in (legacy)."
    ),
    _column(
        "br_features_java", "bool", None, doc="Whether the browser has the java plug-in (legacy)."
    ),
    _column(
        "br_features_director",
        "bool",
        None,
        doc="Whether the browser has the director plug-in (legacy).",
    ),
    _column(
        "br_features_quicktime",
        "bool",
        None,
        doc="Whether the browser has the quicktime plug-in (legacy).",
    ),
    _column(
        "br_features_realplayer",
        "bool",
        None,
        doc="Whether the browser has the realplayer plug-in (legacy).",
    ),
    _column(
        "br_features_windowsmedia",
        "bool",
        None,
        doc="Whether the browser has the windowsmedia plug-in (legacy).",
    ),
    _column(
        "br_features_gears", "bool", None, doc="Whether the browser has the gears plug-in (legacy)."
    ),
    _column(
        "br_features_silverlight",
        "bool",
        None,
        doc="Whether the browser has the silverlight plug-in (legacy).",
    ),
    _column("br_cookies", "bool", None, doc="Whether the browser allows cookies."),
    _column("br_colordepth", "string", 12, doc="Colour depth in bits."),
    _column("br_viewwidth", "int", None, doc="Width of the viewport in pixels."),
    _column("br_viewheight", "int", None, doc="Height of the viewport in pixels."),
    _column("os_name", "string", 50, doc="System and major version."),
    _column("os_family", "string", 50, doc="System."),
    _column("os_manufacturer", "string", 50, doc="Maker of the system."),
    _column("os_timezone", "string", 255, doc="Time zone of the device."),
    _column("dvce_type", "string", 50, doc="Class of device: Computer, Mobile, Tablet."),
    _column("dvce_ismobile", "bool", None, doc="Whether the device is a phone or a tablet."),
    _column("dvce_screenwidth", "int", None, doc="Width of the screen in pixels."),
    _column("dvce_screenheight", "int", None, doc="Height of the screen in pixels."),
    _column("doc_charset", "string", 128, doc="Character set of the page."),
    _column("doc_width", "int", None, doc="Width of the page in pixels."),
    _column("doc_height", "int", None, doc="Height of the page in pixels."),
    _column("tr_currency", "string", 3, doc="Transaction: currency code."),
    _column("tr_total_base", "double", None, doc="Amount in the base currency (not computed yet)."),
    _column("tr_tax_base", "double", None, doc="Amount in the base currency (not computed yet)."),
    _column(
        "tr_shipping_base", "double", None, doc="Amount in the base currency (not computed yet)."
    ),
    _column("ti_currency", "string", 3, doc="Transaction item: currency code."),
    _column("ti_price_base", "double", None, doc="Amount in the base currency (not computed yet)."),
    _column(
        "base_currency", "string", 3, doc="Currency of the converted amounts (not computed yet)."
    ),
    _column(
        "geo_timezone", "string", 64, doc="Place looked up from the address (not computed yet)."
    ),
    _column(
        "mkt_clickid",
        "string",
        1000,
        doc="Click identifier of an advertising network; off by default. User identifier.",
    ),
    _column(
        "mkt_network",
        "string",
        64,
        doc="Advertising network whose click identifier the page URL has.",
    ),
    _column("etl_tags", "string", 500, doc="Never set (legacy)."),
    _column("dvce_sent_tstamp", "ts", None, doc="When the event was sent, by the device clock."),
    _column(
        "refr_domain_userid",
        "string",
        128,
        doc="domain_userid handed over by a link from another site. User identifier.",
    ),
    _column("refr_dvce_tstamp", "ts", None, doc="When the link from another site was followed."),
    _column(
        "derived_contexts", "json", None, doc="Entities added by whiteout: user agent and bot."
    ),
    _column("domain_sessionid", "string", 128, doc="Identifier of the visit. Session identifier."),
    _column("derived_tstamp", "ts", None, doc="Best estimate of when the event happened."),
    _column("event_vendor", "string", 1000, doc="Vendor of the event schema."),
    _column("event_name", "string", 1000, doc="Name of the event schema."),
    _column("event_format", "string", 128, doc="Format of the event schema."),
    _column("event_version", "string", 128, doc="Version of the event schema."),
    _column(
        "event_fingerprint", "string", 128, doc="Hash of the event parameters (not computed yet)."
    ),
    _column("true_tstamp", "ts", None, doc="When the event happened, as the site says."),
)
"""The 131 canonical columns in TSV order (B-46, B-47)."""

_ALLOWANCE: tuple[Column, ...] = (
    _column("mode_declared", "string", doc="Anonymity mode that the tracker declared."),
    _column("mode_inferred", "string", doc="Anonymity mode that the request shows."),
    _column("server_anonymous", "bool", doc="Whether the collector had to anonymise the event."),
    _column("signal", "string", doc="What asked for server anonymisation, joined by +."),
    _column("redacted", "strings", doc="Identifiers that whiteout removed, by name."),
)

EVENT_COLUMNS: tuple[Column, ...] = (
    *CANONICAL_COLUMNS,
    *_ALLOWANCE,
    _column("validated", "bool", doc="Whether every part was checked against a known schema."),
    _column("collector_date", "date", nullable=False, doc="Day of collector_tstamp; partition."),
)
"""The columns of the table `events`."""

FAILED_COLUMNS: tuple[Column, ...] = (
    _column("collector_tstamp", "ts", nullable=False, doc="When the collector received it."),
    _column("failure_id", "uuid", nullable=False, doc="UUID of this failed event."),
    _column("event_id", "uuid", doc="UUID of the event, where it could be read."),
    _column("app_id", "string", doc="Application that sent it, where it could be read."),
    _column("failure", "string", nullable=False, doc="Kind of failure (names of B-74)."),
    _column("reason", "string", nullable=False, doc="What is wrong, in one sentence."),
    _column("errors", "json", nullable=False, doc="Each problem: where it is and what it is."),
    _column("vendor", "string", doc="Vendor of the request path."),
    _column("version", "string", doc="Version of the request path."),
    _column("content_type", "string", doc="Content type of the request."),
    _column("body_length", "int", doc="Length of the request body in bytes."),
    *_ALLOWANCE,
    _column("payload", "json", doc="Parameters as received, without what anonymity forbids."),
    _column("v_collector", "string", doc="Collector and its version."),
    _column("v_etl", "string", doc="Pipeline and its version."),
    _column("collector_date", "date", nullable=False, doc="Day of collector_tstamp; partition."),
)
"""The columns of the table `failed_events`."""

EVENT_INDEX: dict[str, int] = {column.name: i for i, column in enumerate(EVENT_COLUMNS)}
"""Position of each column in an event row."""

FAILED_INDEX: dict[str, int] = {column.name: i for i, column in enumerate(FAILED_COLUMNS)}
"""Position of each column in a failed event row."""
