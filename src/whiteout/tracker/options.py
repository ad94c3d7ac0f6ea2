"""Every option of a tracker, checked (1.2 of the protocol; R4-R13).

Names are those of the field in snake_case. Values are accepted in the protocol's spelling or in
snake_case. Times are seconds where they are lifetimes of state, and milliseconds where they are
about requests, as in the protocol.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypedDict

from whiteout.privacy import Anonymity, SignalPolicy, StorageStrategy
from whiteout.protocol.state import DEFAULT_PREFIX
from whiteout.tracker import checks
from whiteout.tracker.anonymity import IDENTIFIED, AnonymousTracking, read_anonymity
from whiteout.tracker.errors import ConfigurationError
from whiteout.tracker.plugins import Plugin
from whiteout.tracker.receipts import ClientSession, RequestFailure
from whiteout.tracker.signals import NO_SIGNALS, Signals
from whiteout.tracker.storage import Storage
from whiteout.tracker.transport import Response, Transport

Payloads = list[dict[str, str]]
"""Events as they are sent: parameters of the tracker protocol."""

POST_PATH = "/com.snowplowanalytics.snowplow/tp2"
PLATFORMS = ("web", "mob", "pc", "srv", "app", "tv", "cnsl", "iot", "headset")
PAGE_ONLY = frozenset(
    {
        *("cross_domain_linker", "use_extended_cross_domain_linker", "credentials", "keepalive"),
        *("reset_activity_tracking_on_page_view", "preserve_page_view_id_for_url"),
        *("preserve_original_referrer", "synchronous_cookie_write", "custom_fetch"),
        *("disable_session_context_within_web_view", "cookie_extension_service", "id_service"),
        *("discover_root_domain", "upstream_compat", "event_store"),
    }
)
"""Options of the browser tag that mean nothing outside a page."""


class TrackerOptions(TypedDict, total=False):
    """The options of `Tracker`, as keyword arguments. `Options` says what each means."""

    app_id: str
    app_version: str | None
    platform: str
    encode_base64: bool | None
    cookie_domain: str | None
    cookie_path: str
    cookie_name: str
    cookie_same_site: str | None
    cookie_secure: bool
    cookie_lifetime: int
    session_cookie_timeout: int
    state_storage_strategy: str
    anonymous_tracking: AnonymousTracking
    respect_do_not_track: bool | str
    respect_global_privacy_control: bool | str
    opt_out_cookie: str | None
    whiteout_collector: bool
    anonymous_fields: str
    anonymous_url_parameters: Iterable[str]
    contexts: Mapping[str, bool]
    plugins: Iterable[Plugin]
    on_session_update_callback: Callable[[ClientSession], object] | None
    consent_buffer: float | None
    event_method: str
    post_path: str
    protocol: str
    port: int | None
    buffer_size: int
    buffer_timeout: int
    max_post_bytes: int
    max_get_bytes: int | None
    use_stm: bool
    gzip: bool
    connection_timeout: int
    shutdown_timeout: int
    custom_headers: Mapping[str, str]
    retry_failed_requests: bool
    retry_status_codes: Iterable[int]
    dont_retry_status_codes: Iterable[int]
    on_request_success: Callable[[Payloads, Response], object] | None
    on_request_failure: Callable[[RequestFailure], object] | None
    on_drop: Callable[[int, str], object] | None
    max_queue_size: int
    max_local_storage_queue_size: int
    use_local_storage: bool | None
    data_folder: str | Path | None
    cookies: Storage | None
    local_storage: Storage | None
    signals: Signals
    transport: Transport | None
    threads: bool
    clock: Callable[[], float]


@dataclass(frozen=True)
class Options:
    """Options that were checked. `Options.read` makes them; nothing can change them later (W40)."""

    namespace: str
    """Name of the tracker, `tna` on every event."""
    endpoint: str
    """Address of the collector."""
    app_id: str = ""
    """`aid` on every event."""
    app_version: str | None = None
    """Adds the entity `application` to every event."""
    platform: str = "pc"
    """`p` on every event: web, mob, pc, srv, app, tv, cnsl, iot or headset."""
    encode_base64: bool = False
    """Whether JSON goes as base64url; by default only in GET requests."""
    cookie_domain: str | None = None
    """`Domain` of cookies, which their names' hash depends on (R22)."""
    cookie_path: str = "/"
    """`Path` of cookies."""
    cookie_name: str = DEFAULT_PREFIX
    """What the names of state keys begin with."""
    cookie_same_site: str = "Lax"
    """`SameSite` of cookies: None, Lax or Strict."""
    cookie_secure: bool = True
    """`Secure` of cookies."""
    cookie_lifetime: int = 63_072_000
    """Seconds for which a visitor is known."""
    session_cookie_timeout: int = 1_800
    """Seconds without an event after which a session is over."""
    state_storage_strategy: StorageStrategy = StorageStrategy.COOKIE_AND_LOCAL_STORAGE
    """Where ids live and whether the queue is kept on disk (R24, R26)."""
    anonymous_tracking: Anonymity = IDENTIFIED
    """The anonymity to begin with (R9-R12)."""
    respect_do_not_track: SignalPolicy = SignalPolicy.IGNORE
    """What Do Not Track leads to: drop (True), anonymise, or ignore (False)."""
    respect_global_privacy_control: SignalPolicy = SignalPolicy.ANONYMISE
    """What Global Privacy Control leads to: drop, anonymise (True), or ignore (False)."""
    opt_out_cookie: str | None = None
    """Name of a cookie: while it has a value, nothing is sent and nothing is stored."""
    whiteout_collector: bool = False
    """The collector is whiteout: use its anonymous path and its entity (contract 8)."""
    anonymous_fields: str = "minimal"
    """Traits of the device in anonymous events: minimal or full (W24)."""
    anonymous_url_parameters: tuple[str, ...] = ()
    """URL parameters that anonymous events keep besides `utm_*`."""
    web_page: bool = True
    """Whether events carry the entity `web_page` (R38)."""
    session_context: bool = False
    """Whether events carry the entity `client_session` (R35)."""
    plugins: tuple[Plugin, ...] = ()
    """Plugins (R157)."""
    on_session_update_callback: Callable[[ClientSession], object] | None = None
    """Called once for each session (R67, W27)."""
    consent_buffer: float | None = None
    """Seconds for which events wait for a decision about consent; None means that none waits."""
    event_method: str = "post"
    """post or get; beacon is post (W29)."""
    post_path: str = POST_PATH
    """Path of POST requests."""
    buffer_size: int = 1
    """Events that wait before a request is made."""
    buffer_timeout: int = 1_000
    """Milliseconds after which a request is made with fewer events than that."""
    max_post_bytes: int = 40_000
    """Most bytes of a body; a larger event goes alone (W30)."""
    max_get_bytes: int | None = None
    """Most bytes of a query; a larger event goes by POST (W32)."""
    use_stm: bool = True
    """Whether a GET request carries its time."""
    gzip: bool = False
    """Whether bodies are compressed; switched off when the collector answers 415."""
    connection_timeout: int = 5_000
    """Milliseconds for a request."""
    shutdown_timeout: int = 2_000
    """Milliseconds for sending what waits when the tracker closes or the interpreter ends."""
    custom_headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of requests, except server-anonymous ones (W10)."""
    retry_failed_requests: bool = True
    """Whether a failed request is tried again at all (W31)."""
    retry_status_codes: frozenset[int] = frozenset()
    """Statuses after which a request is tried again, whatever else is said of them (R145)."""
    dont_retry_status_codes: frozenset[int] = frozenset()
    """Statuses after which events are dropped, besides 400, 401, 403, 410, 413 and 422."""
    on_request_success: Callable[[Payloads, Response], object] | None = None
    """Called after a request that succeeded."""
    on_request_failure: Callable[[RequestFailure], object] | None = None
    """Called after one that failed."""
    on_drop: Callable[[int, str], object] | None = None
    """Called with a number of events that are lost, and the reason."""
    max_queue_size: int = 10_000
    """Most events that wait in memory."""
    max_local_storage_queue_size: int = 100_000
    """Most events that wait on disk."""
    use_local_storage: bool = True
    """Whether the queue is kept on disk where the strategy allows it (R26)."""
    data_folder: Path | None = None
    """Folder of the local storage; by default in the platform's folder for application data."""
    cookies: Storage | None = None
    """What the strategies with cookies keep ids in; by default memory, as a program has none."""
    local_storage: Storage | None = None
    """What the strategy `localStorage` keeps ids in; by default a file in the data folder."""
    signals: Signals = NO_SIGNALS
    """Where Do Not Track, Global Privacy Control and the opt-out cookie are read."""
    transport: Transport | None = None
    """What sends requests; by default connections of its own."""
    threads: bool = True
    """Whether workers send in the background. Without, requests are made where they are due."""
    clock: Callable[[], float] = time.time
    """Tells the time in epoch seconds."""

    @classmethod
    def read(cls, namespace: object, endpoint: object, options: Mapping[str, Any]) -> Options:
        """Check options. Raises ConfigurationError."""
        found: dict[str, Any] = {"namespace": _namespace(namespace)}
        for name, value in options.items():
            if name in _SPECIAL:
                continue
            check = _CHECKS.get(name)
            if check is None:
                raise _unknown(name)
            found[name] = check(name, value)
        protocol = checks.one_of(("http", "https"))("protocol", options.get("protocol", "https"))
        port = options.get("port")
        if port is not None:
            checks.whole(1)("port", port)
        found["endpoint"] = checks.endpoint(endpoint, protocol, port)
        found |= _contexts(options.get("contexts") or {})
        encode = options.get("encode_base64")
        if encode is None:
            encode = found.get("event_method") == "get"
        found["encode_base64"] = checks.flag("encode_base64", encode)
        result = cls(**{name: value for name, value in found.items() if value is not None})
        _contradictions(result, options)
        return result


def _namespace(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigurationError("namespace must be text that is not empty")
    return value


def _unknown(name: str) -> ConfigurationError:
    if name in PAGE_ONLY:
        return ConfigurationError(f"{name} means something in a web page only; leave it out")
    return ConfigurationError(f"there is no option {name}")


def _contexts(value: object) -> dict[str, bool]:
    if not isinstance(value, Mapping):
        raise ConfigurationError("contexts must be a mapping such as {'session': True}")
    found: dict[str, bool] = {}
    for name, wanted in value.items():
        flag = checks.flag(f"contexts: {name}", wanted)
        if name in ("web_page", "webPage"):
            found["web_page"] = flag
        elif name == "session":
            found["session_context"] = flag
        elif flag:
            raise ConfigurationError(
                "contexts may ask for `web_page` and `session`; other entities need a browser"
            )
    return found


def _contradictions(options: Options, given: Mapping[str, Any]) -> None:
    """Refuse options of which one says no to what another asks for (W4)."""
    keeps = options.state_storage_strategy in (
        StorageStrategy.COOKIE_AND_LOCAL_STORAGE,
        StorageStrategy.LOCAL_STORAGE,
    )
    if given.get("use_local_storage") and not keeps:
        raise ConfigurationError(
            "use_local_storage contradicts state_storage_strategy, which keeps nothing on disk"
        )
    if options.cookie_same_site == "None" and not options.cookie_secure:
        raise ConfigurationError("cookie_same_site='None' needs cookie_secure=True")
    both = options.retry_status_codes & options.dont_retry_status_codes
    if both:
        raise ConfigurationError("a status stands in retry_ and in dont_retry_status_codes")
    if options.buffer_size > options.max_queue_size:
        raise ConfigurationError("buffer_size must not be larger than max_queue_size")


def _treatment(usual: SignalPolicy) -> checks.Check:
    words = {policy.value: policy for policy in SignalPolicy}

    def check(name: str, value: Any) -> SignalPolicy:
        if isinstance(value, bool):
            return usual if value else SignalPolicy.IGNORE
        if not isinstance(value, str) or value not in words:
            raise checks.wrong(name, "True, False, 'drop', 'anonymise' or 'ignore'")
        return words[value]

    return check


def _method(name: str, value: Any) -> str:
    method = checks.one_of(("post", "get", "beacon"), fold=True)(name, value)
    return "post" if method == "beacon" else str(method)


def _same_site(name: str, value: Any) -> str | None:
    if value is None:
        return None
    word = checks.one_of(("none", "lax", "strict"), fold=True)(name, value)
    return str(word).capitalize()


def _seconds(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise checks.wrong(name, "a number of seconds, or None")
    return float(value)


def _plugins(name: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise checks.wrong(name, "a list of plugins")
    return tuple(value)


def _folder(name: str, value: Any) -> Path | None:
    if value is not None and not isinstance(value, (str, Path)):
        raise checks.wrong(name, "a path")
    return None if value is None else Path(value)


def _made_of(kind: type, must: str) -> checks.Check:
    def check(name: str, value: Any) -> Any:
        if value is not None and not isinstance(value, kind):
            raise checks.wrong(name, must)
        return value

    return check


def _optional(check: checks.Check) -> checks.Check:
    return lambda name, value: None if value is None else check(name, value)


_SPECIAL = frozenset({"protocol", "port", "contexts", "encode_base64"})
_storage = _made_of(Storage, "a storage, with get, set, delete and keys")
_CHECKS: dict[str, checks.Check] = {
    "app_id": checks.text,
    "app_version": checks.text_or_none,
    "platform": checks.one_of(PLATFORMS),
    "cookie_domain": checks.cookie_attribute,
    "cookie_path": checks.cookie_attribute,
    "cookie_name": checks.cookie_prefix,
    "cookie_same_site": _same_site,
    "cookie_secure": checks.flag,
    "cookie_lifetime": checks.whole(0),
    "session_cookie_timeout": checks.whole(1),
    "state_storage_strategy": checks.strategy,
    "anonymous_tracking": lambda _, value: read_anonymity(value),
    "respect_do_not_track": _treatment(SignalPolicy.DROP),
    "respect_global_privacy_control": _treatment(SignalPolicy.ANONYMISE),
    "opt_out_cookie": checks.cookie_name,
    "whiteout_collector": checks.flag,
    "anonymous_fields": checks.one_of(("minimal", "full")),
    "anonymous_url_parameters": checks.texts,
    "plugins": _plugins,
    "on_session_update_callback": checks.called,
    "consent_buffer": _seconds,
    "event_method": _method,
    "post_path": checks.path,
    "buffer_size": checks.whole(1),
    "buffer_timeout": checks.whole(0),
    "max_post_bytes": checks.whole(100),
    "max_get_bytes": _optional(checks.whole(1)),
    "use_stm": checks.flag,
    "gzip": checks.flag,
    "connection_timeout": checks.whole(1),
    "shutdown_timeout": checks.whole(0),
    "custom_headers": checks.headers,
    "retry_failed_requests": checks.flag,
    "retry_status_codes": checks.statuses,
    "dont_retry_status_codes": checks.statuses,
    "on_request_success": checks.called,
    "on_request_failure": checks.called,
    "on_drop": checks.called,
    "max_queue_size": checks.whole(1),
    "max_local_storage_queue_size": checks.whole(0),
    "use_local_storage": _optional(checks.flag),
    "data_folder": _folder,
    "cookies": _storage,
    "local_storage": _storage,
    "signals": _made_of(Signals, "signals, with do_not_track, global_privacy_control and cookie"),
    "transport": checks.transport,
    "threads": checks.flag,
    "clock": checks.called,
}
NAMES: frozenset[str] = frozenset(_CHECKS) | _SPECIAL
"""Names of all options, as `Tracker` takes them."""

DOCUMENTED: frozenset[str] = frozenset(row.name for row in fields(Options))
"""Names of the checked options."""
