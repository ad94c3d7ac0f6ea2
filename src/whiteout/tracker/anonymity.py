"""Which anonymity an option asks for (R9-R12, W14)."""

from __future__ import annotations

from collections.abc import Mapping

from whiteout.privacy import Anonymity, resolve
from whiteout.tracker.errors import ConfigurationError

IDENTIFIED = Anonymity(anonymous=False)
FULL = Anonymity(anonymous=True, server=True)
"""What a signal asks for when it anonymises: neither user nor network, no session."""

AnonymousTracking = bool | Mapping[str, bool] | Anonymity | None
"""A value of `anonymous_tracking`: off, on, or on with a mapping of `with_session_tracking` and
`with_server_anonymisation` (or in the protocol's spelling)."""

_NAMES = {
    "withSessionTracking": "session",
    "with_session_tracking": "session",
    "withServerAnonymisation": "server",
    "with_server_anonymisation": "server",
}


def read_anonymity(value: object, before: Anonymity | None = None) -> Anonymity:
    """Read an `anonymous_tracking` value; a flag that it leaves out comes from `before` (W14).

    Raises ConfigurationError for anything but a boolean, None, or a mapping from the known names to
    booleans: a misspelled flag must not weaken anybody's anonymity.
    """
    if isinstance(value, Anonymity):
        return value
    if value is None or isinstance(value, bool):
        flags: dict[str, bool] = {}
    elif isinstance(value, Mapping):
        flags = _flags(value)
    else:
        raise ConfigurationError(
            "anonymous_tracking must be a boolean, or a mapping with `with_session_tracking` and"
            f" `with_server_anonymisation`, not {type(value).__name__}"
        )
    if not resolve(value).anonymous:
        return IDENTIFIED
    session = before is not None and before.session
    server = before is not None and before.server
    return Anonymity(
        anonymous=True,
        session=flags.get("session", session),
        server=flags.get("server", server),
    )


def _flags(value: Mapping[object, object]) -> dict[str, bool]:
    flags: dict[str, bool] = {}
    for name, flag in value.items():
        known = _NAMES.get(name) if isinstance(name, str) else None
        if known is None:
            raise ConfigurationError(
                "anonymous_tracking knows `with_session_tracking` and `with_server_anonymisation`;"
                " there is another name in it"
            )
        if flag is not None and not isinstance(flag, bool):
            raise ConfigurationError(f"anonymous_tracking: `{name}` must be true or false")
        if flags.setdefault(known, bool(flag)) is not bool(flag):
            raise ConfigurationError(f"anonymous_tracking says two things about `{known}`")
    return flags
