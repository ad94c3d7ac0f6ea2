"""The table of identifiers: each one once, with every place where it can appear.

Everything that sends, keeps, stores, searches or shows an identifier asks this table. Adding an
identifier is one row; `keys` finds the row of a name, however it is spelled. Sources: B.6
(parameters and columns), A-48 and A-50 (headers), R44 (cookies), R35 and E-18 (session entity),
B-71 (click identifiers), B-72 (`_sp`), F-P1 to F-P6.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ZERO_UUID = "00000000-0000-0000-0000-000000000000"
"""Stands in an entity whose schema demands an identifier that must not be there (contract 10)."""


class IdentifierClass(StrEnum):
    """Whom an identifier links together: one person, one visit, or one network end point."""

    USER = "user"
    SESSION = "session"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class EntityField:
    """A member of a self-describing entity or event that holds an identifier.

    `replacement` is what stands there once the identifier is removed: `zero` for the zero UUID,
    `null`, or `absent` when the member itself goes.
    """

    vendor: str
    name: str
    field: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier and every place where it can appear.

    `json_keys` are names of members that hold it in any other JSON, and `json_endings` what such
    names end with, both in lower case and without separators. `entities` are, as (vendor, name),
    self-describing entities that are nothing else than this identifier: they go whole.
    `with_session` tells whether anonymous tracking with session tracking keeps it.
    """

    name: str
    kind: IdentifierClass
    doc: str
    parameters: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    entity_fields: tuple[EntityField, ...] = ()
    url_parameters: tuple[str, ...] = ()
    json_keys: tuple[str, ...] = ()
    json_endings: tuple[str, ...] = ()
    entities: tuple[tuple[str, str], ...] = ()
    with_session: bool = False


_SNOWPLOW = "com.snowplowanalytics.snowplow"
_MOBILE = (
    ("openIdfa", "openidfa"),
    ("appleIdfa", "appleidfa"),
    ("appleIdfv", "appleidfv"),
    ("androidIdfa", "androididfa"),
    ("appSetId", "appsetid"),
)

IDENTIFIERS: tuple[Identifier, ...] = (
    Identifier(
        "user_id",
        IdentifierClass.USER,
        "Identifier of the user that the site sets (setUserId).",
        parameters=("uid",),
        columns=("user_id",),
        json_keys=("userid", "uid", "username", "login", "customerid", "accountid", "memberid"),
        json_endings=("userid", "username", "customerid", "loginid", "memberid"),
        entities=(("com.snowplowanalytics.snowplow.ecommerce", "user"),),
    ),
    Identifier(
        "domain_userid",
        IdentifierClass.USER,
        "First-party identifier of the browser.",
        parameters=("duid",),
        columns=("domain_userid", "refr_domain_userid", "refr_dvce_tstamp"),
        cookies=("_sp_id",),
        entity_fields=(EntityField(_SNOWPLOW, "client_session", "userId", "zero"),),
        url_parameters=("_sp",),
        json_keys=("duid", "domainuserid", "visitorid", "clientid", "anonymousid"),
        json_endings=("visitorid", "anonymousid"),
        entities=((_SNOWPLOW, "cross_navigation"),),
    ),
    Identifier(
        "domain_sessionid",
        IdentifierClass.SESSION,
        "Identifier of the visit.",
        parameters=("sid",),
        columns=("domain_sessionid",),
        cookies=("_sp_id", "_sp_ses"),
        entity_fields=(EntityField(_SNOWPLOW, "client_session", "sessionId", "zero"),),
        json_keys=("sid", "sessionid", "domainsessionid"),
        with_session=True,
    ),
    Identifier(
        "domain_sessionidx",
        IdentifierClass.SESSION,
        "Number of the visit.",
        parameters=("vid",),
        columns=("domain_sessionidx",),
        cookies=("_sp_id",),
        entity_fields=(EntityField(_SNOWPLOW, "client_session", "sessionIndex", "absent"),),
        json_keys=("vid", "sessionindex", "domainsessionidx"),
        with_session=True,
    ),
    Identifier(
        "previous_sessionid",
        IdentifierClass.SESSION,
        "Identifier of the visit before, which ties visits together.",
        cookies=("_sp_id",),
        entity_fields=(EntityField(_SNOWPLOW, "client_session", "previousSessionId", "null"),),
        json_keys=("previoussessionid",),
    ),
    Identifier(
        "first_event_id",
        IdentifierClass.SESSION,
        "First event of the visit, which may have been sent while identified (W8).",
        cookies=("_sp_id",),
        entity_fields=(EntityField(_SNOWPLOW, "client_session", "firstEventId", "absent"),),
        json_keys=("firsteventid",),
    ),
    Identifier(
        "tab_id",
        IdentifierClass.SESSION,
        "Identifier of the browser tab.",
        entity_fields=(EntityField(_SNOWPLOW, "browser_context", "tabId", "null"),),
        json_keys=("tabid",),
    ),
    Identifier(
        "network_userid",
        IdentifierClass.NETWORK,
        "Identifier in the cookie that the collector sets.",
        parameters=("nuid", "tnuid"),
        columns=("network_userid",),
        headers=("cookie", "set-cookie"),
        cookies=("sp",),
        json_keys=("nuid", "tnuid", "networkuserid"),
    ),
    Identifier(
        "user_ipaddress",
        IdentifierClass.NETWORK,
        "Network address of the visitor.",
        parameters=("ip",),
        columns=("user_ipaddress",),
        headers=(
            "cf-connecting-ip",
            "cf-connecting-ipv6",
            "client-ip",
            "fastly-client-ip",
            "fly-client-ip",
            "forwarded",
            "forwarded-for",
            "proxy-client-ip",
            "true-client-ip",
            "via",
            "wl-proxy-client-ip",
            "x-appengine-user-ip",
            "x-azure-clientip",
            "x-azure-socketip",
            "x-client-ip",
            "x-cluster-client-ip",
            "x-envoy-external-address",
            "x-forwarded",
            "x-forwarded-for",
            "x-nf-client-connection-ip",
            "x-original-forwarded-for",
            "x-originating-ip",
            "x-real-ip",
            "x-remote-addr",
            "x-remote-ip",
            "x-vercel-forwarded-for",
        ),
        json_keys=("ip", "ipv", "ipaddress", "useripaddress", "clientip", "remoteip", "remoteaddr"),
        json_endings=("ipaddress", "clientip", "remoteip"),
    ),
    Identifier(
        "user_fingerprint",
        IdentifierClass.USER,
        "Fingerprint of the browser that a tracker computed.",
        parameters=("fp",),
        columns=("user_fingerprint",),
        json_keys=("fingerprint", "userfingerprint", "fp"),
        json_endings=("fingerprint",),
    ),
    Identifier(
        "device_id",
        IdentifierClass.USER,
        "Identifier of a device or of its advertising profile.",
        parameters=("mac", "ad_uid"),
        entity_fields=tuple(
            EntityField(_SNOWPLOW, "mobile_context", field, "absent") for field, _ in _MOBILE
        ),
        json_keys=(
            *(key for _, key in _MOBILE),
            "deviceid",
            "macaddress",
            "imei",
            "idfa",
            "idfv",
            "gaid",
            "aaid",
            "advertisingid",
        ),
        json_endings=("deviceid", "advertisingid"),
    ),
    Identifier(
        "foreign_id",
        IdentifierClass.USER,
        "Identifier that another product gave: analytics cookies, testing tools, copied headers.",
        columns=("mkt_clickid",),
        cookies=("_ga", "_gid", "_fbp", "_fbc"),
        json_endings=("clickid",),
        url_parameters=("gclid", "dclid", "fbclid", "msclkid", "_gl", "mc_eid"),
        entities=(
            ("com.google.analytics", "cookies"),
            ("com.google.ga4", "cookies"),
            ("com.optimizely", "visitor"),
            ("com.optimizely.optimizelyx", "summary"),
            (_SNOWPLOW, "identity"),
            (_SNOWPLOW, "pii_transformation"),
            ("org.ietf", "http_cookie"),
            ("org.ietf", "http_header"),
        ),
    ),
    Identifier(
        "email",
        IdentifierClass.USER,
        "E-mail address, in a member of its own or in any text.",
        json_keys=("email", "emailaddress", "mail"),
        json_endings=("email", "emailaddress", "emailhash"),
    ),
    Identifier(
        "personal_details",
        IdentifierClass.USER,
        "Name, telephone number, postal address, date of birth, numbers of cards and papers.",
        json_keys=(
            *("firstname", "lastname", "fullname", "surname", "givenname", "familyname"),
            *("phone", "phonenumber", "telephone", "tel", "mobilenumber"),
            *("streetaddress", "postaladdress", "birthdate", "birthday", "dateofbirth", "dob"),
            *("cardnumber", "creditcard", "iban", "ssn", "passportnumber"),
        ),
        json_endings=(
            *("firstname", "lastname", "fullname", "surname", "familyname"),
            *("phonenumber", "telephone", "streetaddress", "birthdate", "cardnumber"),
        ),
    ),
    Identifier(
        "location",
        IdentifierClass.SESSION,
        "Position of the device, as its own sensors see it.",
        entities=((_SNOWPLOW, "geolocation_context"),),
    ),
    Identifier(
        "browser_traits",
        IdentifierClass.SESSION,
        "Traits that tell one browser from the next: client hints, topics of interest.",
        entities=(("com.google.privacysandbox", "topics"), ("org.ietf", "http_client_hints")),
    ),
    Identifier(
        "credentials",
        IdentifierClass.USER,
        "Proof of who somebody is: passwords, tokens, authorization headers.",
        headers=("authorization", "proxy-authorization", "x-api-key", "x-csrf-token"),
        json_keys=(
            *("password", "passwd", "pwd", "secret", "token", "accesstoken", "authtoken"),
            *("jwt", "apikey", "authorization"),
        ),
        json_endings=("password", "token", "apikey", "secret"),
    ),
)
"""Every identifier that whiteout knows."""

SESSION_ENTITIES: frozenset[tuple[str, str]] = frozenset({(_SNOWPLOW, "client_session")})
"""Entities, as (vendor, name), that are nothing but a session: they go whole when it is dropped."""

BY_NAME: dict[str, Identifier] = {row.name: row for row in IDENTIFIERS}
"""Each identifier by its name."""

BY_PARAMETER: dict[str, Identifier] = {p: row for row in IDENTIFIERS for p in row.parameters}
"""The identifier that a tracker-protocol parameter carries."""

BY_COLUMN: dict[str, Identifier] = {c: row for row in IDENTIFIERS for c in row.columns}
"""The identifier that a stored column holds."""

HEADERS: frozenset[str] = frozenset(h for row in IDENTIFIERS for h in row.headers)
"""Names, in lower case, of HTTP headers that carry an identifier."""

SHOWN_IDENTIFIERS: tuple[str, ...] = (
    "user_id",
    "domain_userid",
    "domain_sessionid",
    "domain_sessionidx",
    "network_userid",
    "user_ipaddress",
)
"""The identifiers, which are also columns, that a person is shown beside each event."""
