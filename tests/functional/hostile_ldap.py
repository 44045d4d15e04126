# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a directory sends that no honest one does: answers in BER by hand, and scripts for hostile_smtp.hostile."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable

from hostile_smtp import Script

BIND, EXTENDED, ENTRY, DONE, REFERENCE = 0x61, 0x78, 0x64, 0x65, 0x73
PAGED = b"1.2.840.113556.1.4.319"


def ber(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    width = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(width)]) + width + content


def message(number: int, *parts: bytes) -> bytes:
    return ber(0x30, ber(0x02, bytes([number])), *parts)


def result(operation: int, code: int = 0, text: bytes = b"") -> bytes:
    return ber(operation, ber(0x0A, bytes([code])), ber(0x04), ber(0x04, text))


def entry(name: bytes = b"mail", *values: bytes) -> bytes:
    return ber(ENTRY, ber(0x04, b"cn=a"), ber(0x30, ber(0x30, ber(0x04, name), ber(0x31, *(ber(0x04, value) for value in values)))))


def next_page(cookie: bytes) -> bytes:
    """The controls of a page that is not the last."""
    value = ber(0x30, ber(0x02, b"\0"), ber(0x04, cookie))
    return ber(0xA0, ber(0x30, ber(0x04, PAGED), ber(0x04, value)))


BOUND = message(1, result(BIND))
BASE_SHOWN = message(2, entry()) + message(2, result(DONE))


def answers(*parts: bytes) -> Script:
    """One part for each request; then wait until the probe leaves."""

    def script(sock: socket.socket) -> None:
        for part in parts:
            sock.recv(65536)
            sock.sendall(part)
        while sock.recv(65536):
            pass

    return script


def after(parts: tuple[bytes, ...], action: Script) -> Script:
    """Honest answers, and the action on the next request."""

    def script(sock: socket.socket) -> None:
        for part in parts:
            sock.recv(65536)
            sock.sendall(part)
        sock.recv(65536)
        action(sock)

    return script


def floods(chunk: bytes, total: int | None = None) -> Script:
    """The chunk for ever, or until so many bytes were sent."""

    def script(sock: socket.socket) -> None:
        sent = 0
        while total is None or sent < total:
            sock.sendall(chunk)
            sent += len(chunk)
        while sock.recv(65536):
            pass

    return script


def pages_without_end(reply: Callable[[int], bytes]) -> Script:
    """For each request a page that promises one more."""

    def script(sock: socket.socket) -> None:
        number = 3
        while sock.recv(65536):
            body = reply(number) + message(number, result(DONE), next_page(b"more"))
            sock.sendall(body)
            number = number + 1 if number < 127 else 127

    return script


def encrypted(context: ssl.SSLContext, action: Script) -> Script:
    def script(sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True) as secured:
            action(secured)

    return script
