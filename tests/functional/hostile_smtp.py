# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that do to a mail probe what no honest server does: raw sockets, one thread per connection."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Script = Callable[[socket.socket], None]
CHUNK = b"x" * 4096


@contextmanager
def hostile(script: Script) -> Iterator[str]:
    """The `host:port` of a server that runs the script on every connection; its sockets are closed at the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_sockets: list[socket.socket] = []

    def serve(sock: socket.socket) -> None:
        try:
            script(sock)
        except (OSError, ValueError):
            pass  # the probe has left
        finally:
            sock.close()

    def accept() -> None:
        while True:
            try:
                sock, _peer = listener.accept()
            except OSError:
                return
            open_sockets.append(sock)
            threading.Thread(target=serve, args=(sock,), daemon=True).start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(2)
        for sock in open_sockets:
            sock.close()


def says(*parts: bytes) -> Script:
    """Send the first part, then one more for each command; then wait until the probe leaves."""

    def script(sock: socket.socket) -> None:
        for index, part in enumerate(parts):
            if index:
                sock.recv(4096)
            sock.sendall(part)
        while sock.recv(4096):
            pass

    return script


def drips(text: bytes, pause: float = 0.02) -> Script:
    """The text, byte by byte, for ever."""

    def script(sock: socket.socket) -> None:
        while True:
            for byte in text:
                sock.sendall(bytes([byte]))
                time.sleep(pause)

    return script


def floods(chunk: bytes, *before: bytes) -> Script:
    """Dialogue up to a point, then the chunk for ever."""

    def script(sock: socket.socket) -> None:
        for part in before:
            sock.sendall(part)
            sock.recv(4096)
        while True:
            sock.sendall(chunk)

    return script


def hangs_up(*before: bytes) -> Script:
    def script(sock: socket.socket) -> None:
        for part in before:
            sock.sendall(part)
            sock.recv(4096)

    return script


def starttls_then(action: Script) -> Script:
    """An honest dialogue up to the 220 for STARTTLS."""

    def script(sock: socket.socket) -> None:
        for part in (b"220 mx ESMTP\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"220 go ahead\r\n"):
            sock.sendall(part)
            if part.startswith(b"2") and b"go" not in part:
                sock.recv(4096)
        action(sock)

    return script


def encrypted_then(context: ssl.SSLContext, action: Script) -> Script:
    """Honest TLS after STARTTLS, and then the action inside it."""

    def encrypt(sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True) as encrypted:
            encrypted.recv(4096)  # EHLO
            action(encrypted)

    return starttls_then(encrypt)


@contextmanager
def full_backlog(address: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """An address that drops SYNs as a firewall does: a listener whose queue is full and that never accepts."""
    with socket.socket() as listener:
        listener.bind((address, port))
        listener.listen(0)
        fillers = []
        for _number in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            fillers.append(filler)
        time.sleep(0.05)
        try:
            yield "{0}:{1}".format(*listener.getsockname())
        finally:
            for filler in fillers:
                filler.close()
