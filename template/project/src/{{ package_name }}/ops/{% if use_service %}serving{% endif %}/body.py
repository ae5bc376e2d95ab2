# Managed by poc2prod; extend in settings.toml.
"""Reads a request's body without holding more than the limit, or waiting longer than it."""

import asyncio

from starlette.requests import Request


class BodyTooLargeError(Exception):
    """The body is larger than the service takes."""


async def read(request: Request, limit: int, seconds: float) -> bytes:
    """Read a body of at most `limit` bytes that comes within `seconds`.

    Raises:
        BodyTooLargeError: it is larger, or says that it is.
        TimeoutError: it did not come in time.
        starlette.requests.ClientDisconnect: the client went away.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise BodyTooLargeError
    body = bytearray()
    async with asyncio.timeout(seconds):
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise BodyTooLargeError
    return bytes(body)
