"""The options of whiteout, as one table.

The command line, the environment, the configuration file and the reference page are read off it.
"""

from __future__ import annotations

from whiteout import checks
from whiteout.enrich_options import ENRICH_OPTIONS
from whiteout.option import Option
from whiteout.profiles import PROFILES

_MODES = ("header", "always", "unless-consent")
_SIGNAL = checks.choice("ignore", "anonymise", "drop")

OPTIONS: tuple[Option, ...] = (
    Option("host", "127.0.0.1", checks.string, "Address to listen on.", "ADDRESS"),
    Option("port", 9090, checks.integer(1, 65535), "Port to listen on.", "PORT"),
    Option(
        "profile",
        None,
        checks.profile,
        "What the configuration has to be fit for; it does not start with what contradicts that.",
        "|".join(PROFILES),
    ),
    Option("data", "whiteout-data", checks.string, "Folder that holds all data.", "FOLDER"),
    Option("workers", 1, checks.integer(1, 64), "Collector processes.", "COUNT"),
    Option(
        "token",
        None,
        checks.optional,
        "Secret that opens the pages from elsewhere than this machine.",
        "SECRET",
        secret=True,
    ),
    Option(
        "pages.official_tracker",
        None,
        checks.optional,
        "A file sp.js of the official tracker, for the try-it page to compare with.",
        "FILE",
    ),
    Option(
        "tls_certificate",
        None,
        checks.optional,
        "File with the certificate chain (PEM); with it whiteout speaks HTTPS.",
        "FILE",
    ),
    Option(
        "tls_key",
        None,
        checks.optional,
        "File with the private key of that certificate (PEM).",
        "FILE",
    ),
    Option(
        "hsts",
        0,
        checks.integer(0, 10 * 365 * 24 * 3600),
        "Seconds for which browsers come back by HTTPS only; 0 says nothing about it.",
        "SECONDS",
    ),
    Option(
        "stop_delay",
        0.0,
        checks.seconds(0, 600),
        "Seconds for which requests are still taken after the signal to stop.",
        "SECONDS",
    ),
    Option(
        "stop_unhealthy", True, checks.switch, "Whether /health answers 503 in that time.", "BOOL"
    ),
    Option(
        "access_log",
        False,
        checks.switch,
        "Whether a line is written for every answer: method, path, status, bytes, seconds.",
        "BOOL",
    ),
    Option(
        "log_format",
        "text",
        checks.choice("text", "json"),
        "Lines of the log as text or as JSON objects.",
        "text|json",
    ),
    Option(
        "collector.gpc",
        "anonymise",
        _SIGNAL,
        "What to do with requests that carry Sec-GPC: 1.",
        "ignore|anonymise|drop",
    ),
    Option(
        "collector.dnt",
        "ignore",
        _SIGNAL,
        "What to do with requests that carry DNT: 1.",
        "ignore|anonymise|drop",
    ),
    Option(
        "collector.anonymous",
        "header",
        checks.choice(*_MODES),
        "Which requests are anonymised: those that ask for it, all, or all without consent.",
        "header|always|unless-consent",
    ),
    Option(
        "collector.anonymous_paths",
        (),
        checks.modes(*_MODES, path=True),
        "The same for event paths of their own, as they are requested.",
        "PATH=MODE,...",
    ),
    Option(
        "collector.anonymous_apps",
        (),
        checks.modes(*_MODES, path=False),
        "The same for events of an app id; of several in one request the strictest holds.",
        "APP=MODE,...",
    ),
    Option(
        "collector.consent_cookie",
        None,
        checks.cookie,
        "The cookie that proves consent.",
        "NAME=PATTERN",
    ),
    Option(
        "collector.consent_documents",
        (),
        checks.texts,
        "Documents whose consent proves it in every event, by the entity gdpr.",
        "ID,...",
    ),
    Option(
        "collector.anonymous_session",
        "keep",
        checks.choice("keep", "drop"),
        "Whether an anonymous event may keep a session that is tied to nobody.",
        "keep|drop",
    ),
    Option(
        "collector.anonymous_user_agent",
        "coarse",
        checks.choice("keep", "coarse", "drop"),
        "How much of the user agent an anonymous event keeps.",
        "keep|coarse|drop",
    ),
    Option(
        "collector.anonymous_url",
        "campaign",
        checks.choice("campaign", "path", "origin"),
        "How much of the page's URL an anonymous event keeps: up to its campaign, path or host.",
        "campaign|path|origin",
    ),
    Option(
        "collector.anonymous_referrer",
        "path",
        checks.choice("path", "origin", "none"),
        "How much of the referrer an anonymous event keeps.",
        "path|origin|none",
    ),
    Option(
        "collector.anonymous_time",
        0,
        checks.integer(0, 86_400),
        "Steps in seconds in which times of anonymous events are told; 0 tells them as they are.",
        "SECONDS",
    ),
    Option(
        "collector.address",
        "truncated",
        checks.choice("full", "truncated", "none"),
        "How much of the visitor's network address is kept of identified events.",
        "full|truncated|none",
    ),
    Option(
        "collector.trusted_proxies",
        (),
        checks.networks,
        "Networks whose X-Forwarded-For header is believed.",
        "NETWORK,...",
    ),
    Option(
        "collector.opt_out_cookie",
        "whiteout_opt_out=1",
        checks.cookie,
        "Browsers with this cookie are not recorded at all; empty for none.",
        "NAME=PATTERN",
    ),
    Option(
        "collector.gpc_since",
        "2026-11-24",
        checks.day,
        "Day since which /.well-known/gpc.json says what it says.",
        "DAY",
    ),
    Option(
        "collector.cookie", True, checks.switch, "Whether the collector sets its cookie.", "BOOL"
    ),
    Option("collector.cookie_name", "sp", checks.cookie_name, "Name of that cookie.", "NAME"),
    Option(
        "collector.cookie_lifetime",
        365 * 24 * 3600,
        checks.integer(1, 400 * 24 * 3600),
        "Lifetime of that cookie in seconds.",
        "SECONDS",
    ),
    Option(
        "collector.cookie_domains",
        (),
        checks.domains,
        "Domains that the cookie may be set for, the first that fits the page.",
        "DOMAIN,...",
    ),
    Option(
        "collector.cookie_fallback_domain",
        None,
        checks.optional,
        "Domain of the cookie where none of those fits.",
        "DOMAIN",
    ),
    Option("collector.cookie_secure", True, checks.switch, "Attribute Secure.", "BOOL"),
    Option("collector.cookie_http_only", True, checks.switch, "Attribute HttpOnly.", "BOOL"),
    Option(
        "collector.cookie_same_site",
        "None",
        checks.choice("None", "Lax", "Strict"),
        "Attribute SameSite.",
        "None|Lax|Strict",
    ),
    Option(
        "collector.cookie_on_anonymous",
        "none",
        checks.choice("none", "delete"),
        "What an anonymous answer does about the cookie of a browser that has one.",
        "none|delete",
    ),
    Option(
        "collector.body_limit",
        2 * 1024 * 1024,
        checks.integer(1024, 64 * 1024 * 1024),
        "Largest request body in bytes.",
        "BYTES",
    ),
    Option(
        "collector.body_timeout",
        25.0,
        checks.seconds(0.1, 600),
        "Seconds that a request body may take to arrive.",
        "SECONDS",
    ),
    Option(
        "collector.header_timeout",
        5.0,
        checks.seconds(0.1, 600),
        "Seconds that the headers of a request may take to arrive.",
        "SECONDS",
    ),
    Option(
        "collector.idle_timeout",
        75.0,
        checks.seconds(0.1, 3600),
        "Seconds that a connection stays open between two requests.",
        "SECONDS",
    ),
    Option(
        "collector.paths", (), checks.paths, "Event paths that stand for others.", "PATH=PATH,..."
    ),
    Option(
        "collector.redirect_hosts",
        (),
        checks.domains,
        "Hosts to which /r/tp2?u=... may lead; without any there are no redirects.",
        "HOST,...",
    ),
    Option(
        "collector.root_status",
        0,
        checks.status,
        "Status that / is answered with where there are no pages; 0 is 404.",
        "STATUS",
    ),
    Option(
        "collector.root_headers", (), checks.header_lines, "Headers of that answer.", "HEADER,..."
    ),
    Option("collector.root_body", "", checks.body, "Body of that answer.", "TEXT"),
    Option(
        "collector.cors_origins",
        (),
        checks.origins,
        "Origins whose pages may read answers; without any, all.",
        "ORIGIN,...",
    ),
    Option(
        "collector.cors_headers",
        (),
        checks.header_names,
        "Further headers that pages may send.",
        "NAME,...",
    ),
    Option(
        "collector.cors_max_age",
        3600,
        checks.integer(0, 86400),
        "Seconds for which a browser may remember a preflight.",
        "SECONDS",
    ),
    Option(
        "pipeline.unknown_schemas",
        "accept",
        checks.choice("accept", "fail"),
        "Whether events with schemas that are not known are kept, unchecked.",
        "accept|fail",
    ),
    Option(
        "schemas.registries",
        (),
        checks.registries,
        "Iglu registries that are asked for schemas which whiteout does not bring, in this order.",
        "ADDRESS|FOLDER,...",
    ),
    Option(
        "schemas.registry_keys",
        (),
        checks.registry_keys,
        "API keys of those registries, each for one host.",
        "HOST=KEY,...",
        secret=True,
    ),
    Option(
        "schemas.registry_vendors",
        (),
        checks.vendors,
        "Vendors whose schemas they are asked for, with all below them; without any, all vendors.",
        "VENDOR,...",
    ),
    Option(
        "schemas.registry_cache",
        3600.0,
        checks.seconds(1, 30 * 24 * 3600),
        "Seconds after which a registry is asked again.",
        "SECONDS",
    ),
    *ENRICH_OPTIONS,
    Option(
        "pipeline.commit_interval",
        1.0,
        checks.seconds(0.1, 60),
        "Seconds between commits to the lake.",
        "SECONDS",
    ),
    Option(
        "pipeline.feed_size",
        5000,
        checks.integer(100, 100_000),
        "Newest events that the live page can look back on.",
        "COUNT",
    ),
    Option(
        "pipeline.retention_days",
        0,
        checks.integer(0, 36_500),
        "Days for which events are kept, today included; 0 keeps them until they are removed.",
        "DAYS",
    ),
    Option(
        "pipeline.funnel",
        (),
        checks.pages,
        "Pages of a funnel that is counted by day, in order; `%` stands for anything.",
        "PATH,...",
    ),
    Option(
        "compat.batch",
        "event",
        checks.choice("event", "reject"),
        "Whether a bad event fails alone or with its whole batch.",
        "event|reject",
    ),
    Option(
        "compat.oversized",
        422,
        checks.integer(400, 499),
        "Status of the answer to a body that is too large: 422, or 413 as older collectors.",
        "STATUS",
    ),
)
"""Every option."""

BY_NAME: dict[str, Option] = {option.name: option for option in OPTIONS}
"""Each option by the name of its field."""
