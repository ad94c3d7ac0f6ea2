"""Reading a small request body within bounds."""

from __future__ import annotations

import asyncio

from starlette.types import Receive


class BodyTooLarge(Exception):
    """The body is longer than the limit."""


async def read_body(receive: Receive, *, limit: int, seconds: float) -> bytes:
    """Read a body of at most `limit` bytes.

    Raises BodyTooLarge, and TimeoutError when it is not there after `seconds`. A client that goes
    away in the middle has sent what it has sent.
    """
    body = bytearray()
    async with asyncio.timeout(seconds):
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > limit:
                raise BodyTooLarge
            if not message.get("more_body", False):
                return bytes(body)
