# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small real LDAP server on loopback: simple bind and search, in BER by hand (RFC 4511), nothing else."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

BASE, USER, PASSWORD = "dc=example,dc=com", "cn=sync,dc=example,dc=com", "b1nd-pass"
BIND, UNBIND, OR_FILTER = 0x60, 0x42, 0xA1
OK, NO_SUCH_OBJECT, INVALID_CREDENTIALS = 0, 32, 49


@contextmanager
def ldap(context: ssl.SSLContext | None = None, mail: bool = True, referral: str = "") -> Iterator[int]:
    """Yields the port. `mail` says whether an entry has an address, `referral` is sent before the entries."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                sock, _peer = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(sock,), daemon=True).start()

    def talk(sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            if context is None:
                _converse(sock, mail, referral)
            else:
                with context.wrap_socket(sock, server_side=True) as secured:
                    _converse(secured, mail, referral)

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def _converse(sock: socket.socket, mail: bool, referral: str) -> None:
    waiting = b""
    while chunk := sock.recv(65536):
        waiting += chunk
        if waiting[0] != 0x30:  # TLS where none is spoken
            return
        while part := _take(waiting):
            message, waiting = part[1], part[2]
            (_type, number), (operation, request) = _parts(message)
            if operation == UNBIND:
                return
            fields = [value for _type, value in _parts(request)]
            answers = _bind(fields) if operation == BIND else _search(fields, _parts(request)[6][0], mail, referral)
            for answer in answers:
                sock.sendall(_ber(0x30, _ber(0x02, number), answer))


def _bind(fields: list[bytes]) -> Iterator[bytes]:
    good = fields[1:] == [USER.encode(), PASSWORD.encode()]
    yield _result(0x61, OK if good else INVALID_CREDENTIALS)


def _search(fields: list[bytes], wanted: int, mail: bool, referral: str) -> Iterator[bytes]:
    known = fields[0] == BASE.encode()
    if referral:
        yield _ber(0x73, _ber(0x04, referral.encode()))
    if known and (mail or wanted != OR_FILTER):
        yield _ber(0x64, _ber(0x04, BASE.encode()), _ber(0x30))
    yield _result(0x65, OK if known else NO_SUCH_OBJECT)


def _result(operation: int, code: int) -> bytes:
    return _ber(operation, _ber(0x0A, bytes([code])), _ber(0x04), _ber(0x04))


def _ber(kind: int, *parts: bytes) -> bytes:
    """A value of up to 127 bytes."""
    content = b"".join(parts)
    return bytes([kind, len(content)]) + content


def _take(data: bytes) -> tuple[int, bytes, bytes] | None:
    """(type, content, rest), or None when there is no whole value yet."""
    if len(data) < 2:
        return None
    size, start = data[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    if len(data) < start + size:
        return None
    return data[0], data[start : start + size], data[start + size :]


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    while part := _take(data):
        found.append(part[:2])
        data = part[2]
    return found
