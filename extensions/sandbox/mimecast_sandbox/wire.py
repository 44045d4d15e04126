# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes on the connection, and the ways to break it.

ASGI cannot close a connection, so the HTTP protocol of the server notes the transport of every client here.
"""
from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from .errors import Answer

TRANSPORTS: dict[tuple[str, int], asyncio.Transport] = {}


async def send_bytes(send: Send, answer: Answer, body: bytes | None, media: str = "application/json") -> None:
    """One whole answer. 204 must not say a length (RFC 9110, 8.6)."""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    if body is not None:
        headers.append((b"content-type", media.encode("ascii")))
    if answer.status != 204:
        headers.append((b"content-length", str(len(body or b"")).encode("ascii")))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body or b""})


async def drop(scope: Scope, receive: Receive) -> None:
    """Closes the connection without a word."""
    _transport(scope).abort()
    await _gone(receive)


async def cut(scope: Scope, receive: Receive, send: Send, answer: Answer, body: bytes) -> None:
    """The full Content-Length, half of the body, then the end of the connection."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode("ascii"))]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body[:len(body) // 2], "more_body": True})
    _transport(scope).close()  # close, unlike abort, still sends what is buffered
    await _gone(receive)


def _transport(scope: Scope) -> asyncio.Transport:
    return TRANSPORTS[tuple(scope["client"])]


async def _gone(receive: Receive) -> None:
    """Waits until the server has noticed, or it would try to answer by itself."""
    while (await receive())["type"] != "http.disconnect":
        pass
