"""The access token and the session that a browser gets for it (contract 15).

A session is a signed expiry time: stateless, so that every worker process knows it, and made from
a derived key, so that neither the token nor a quick guess at it can be read out of the cookie.
"""

from __future__ import annotations

import hmac
import secrets
import time
from functools import cache
from hashlib import pbkdf2_hmac, sha256
from typing import Final

SESSION_SECONDS: Final = 7 * 24 * 3600
"""How long a session is good; the cookie itself goes when the browser is closed."""

_ROUNDS: Final = 100_000
_PARTS: Final = 3


@cache
def _key(token: bytes) -> bytes:
    return pbkdf2_hmac("sha256", token, b"whiteout session key 1", _ROUNDS)


class Credentials:
    """What lets a request pass: the token itself, or a session made from it.

    Raises ValueError when the token is empty.
    """

    def __init__(self, token: str) -> None:
        if not token:
            message = "the access token is empty: leave it out, or set a long random text"
            raise ValueError(message)
        self._token = token.encode()
        self._key = _key(self._token)

    def is_token(self, candidate: bytes) -> bool:
        """Whether this is the token; takes the same time for every candidate."""
        return hmac.compare_digest(sha256(candidate).digest(), sha256(self._token).digest())

    def new_session(self, now: float | None = None) -> str:
        """A session value: expiry (seconds since the epoch), nonce and signature."""
        expires = int(time.time() if now is None else now) + SESSION_SECONDS
        claim = f"{expires}.{secrets.token_hex(8)}"
        return f"{claim}.{self._sign(claim)}"

    def is_session(self, value: str, now: float | None = None) -> bool:
        """Whether this is a session that was made from the token and has not expired."""
        parts = value.split(".")
        if len(parts) != _PARTS or not value.isascii():
            return False
        expires, nonce, signature = parts
        if not hmac.compare_digest(self._sign(f"{expires}.{nonce}"), signature):
            return False
        return int(expires) > (time.time() if now is None else now)

    def _sign(self, claim: str) -> str:
        return hmac.new(self._key, claim.encode(), sha256).hexdigest()
