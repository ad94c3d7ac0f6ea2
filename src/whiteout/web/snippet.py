"""The HTML that loads the browser tag, at the level of the visitor (R99; contract 8)."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from whiteout.privacy import Anonymity
from whiteout.protocol.loader import loader, script_text
from whiteout.tracker import Options

if TYPE_CHECKING:
    from whiteout.web.visits import Visit


def tag_options(options: Options, level: Anonymity) -> dict[str, Any]:
    """The options of the browser tag that match those of the server, at this level."""
    anonymous: Any = level.anonymous
    if level.session or level.server:
        anonymous = {
            "withSessionTracking": level.session,
            "withServerAnonymisation": level.server,
        }
    found = {
        "appId": options.app_id or None,
        "platform": options.platform,
        "cookieDomain": options.cookie_domain,
        "cookieName": options.cookie_name,
        "cookieSameSite": options.cookie_same_site,
        "cookieSecure": options.cookie_secure,
        "cookieLifetime": options.cookie_lifetime,
        "sessionCookieTimeout": options.session_cookie_timeout,
        "stateStorageStrategy": options.state_storage_strategy.value,
        "anonymousTracking": anonymous,
        "respectDoNotTrack": options.respect_do_not_track.value,
        "respectGlobalPrivacyControl": options.respect_global_privacy_control.value,
        "optOutCookie": options.opt_out_cookie,
        "whiteoutCollector": options.whiteout_collector,
        "anonymousFields": options.anonymous_fields,
    }
    return {name: value for name, value in found.items() if value is not None}


def tag_snippet(
    options: Options, visit: Visit | None, *, script: str, nonce: str | None = None
) -> str:
    """A script element that makes the tag's tracker and tracks a page view.

    `script` is the address of the tag, `nonce` that of the content security policy.
    """
    level = options.anonymous_tracking if visit is None else visit.tracker.wanted_level
    arguments = ["newTracker", options.namespace, options.endpoint, tag_options(options, level)]
    made = ",".join(script_text(value, compact=True) for value in arguments)
    mark = f' nonce="{escape(nonce)}"' if nonce else ""
    stub = loader("snowplow", script, {"nonce": nonce} if nonce else {})
    return f'<script{mark}>{stub}snowplow({made});snowplow("trackPageView");</script>'
