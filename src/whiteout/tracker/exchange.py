"""Work that asks for requests to be sent, and does not know how that is done.

It is a generator: it yields a request, and gets the response, or the exception that came instead.
So the queue has one way of working, whether a thread may wait for an answer, or only an event loop
(in a browser, where there are no threads).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import TypeVar

from whiteout.tracker.transport import Request, Response

T = TypeVar("T")
Work = Generator[Request, Response, T]
Send = Callable[[Request], Response | Awaitable[Response]]


def here(work: Work[T], send: Send) -> T:
    """Do the work, and wait for each answer."""
    try:
        request = next(work)
        while True:
            try:
                answer = _checked(send(request))
            except Exception as error:  # noqa: BLE001  # a transport may be a stranger's
                request = work.throw(error)
            else:
                request = work.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


async def there(work: Work[T], send: Send) -> T:
    """Do the work on an event loop, which goes on while an answer is awaited."""
    try:
        request = next(work)
        while True:
            try:
                answer = send(request)
                answer = _checked(await answer if isinstance(answer, Awaitable) else answer)
            except Exception as error:  # noqa: BLE001  # a transport may be a stranger's
                request = work.throw(error)
            else:
                request = work.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


def _checked(answer: object) -> Response:
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, Coroutine):
        # Nobody is going to wait for it here.
        answer.close()
    raise TypeError("a transport returns a Response")
