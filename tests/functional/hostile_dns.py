# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that do to whoever asks the DNS what no honest server does: UDP and TCP on one port, one thread for each."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bind_server import _free_port

Reply = Callable[[bytes], list[bytes]]  # the datagrams for a question
Stream = Callable[[socket.socket], None]
HEADER_TRUNCATED, HEADER_ANSWER = b"\x83\x80", b"\x85\x80"


@contextmanager
def hostile_dns(reply: Reply, stream: Stream | None = None) -> Iterator[str]:
    """The `address:port` of a server that answers datagrams by ``reply`` and runs ``stream`` on TCP connections."""
    port = _free_port()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", port))
    tcp = socket.create_server(("127.0.0.1", port))
    threading.Thread(target=_datagrams, args=(udp, reply), daemon=True).start()
    threading.Thread(target=_connections, args=(tcp, stream), daemon=True).start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        for sock in (udp, tcp):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # a datagram socket without a peer
            sock.close()


def _datagrams(udp: socket.socket, reply: Reply) -> None:
    while True:
        try:
            question, peer = udp.recvfrom(4096)
            for datagram in reply(question) if question else ():  # nothing comes when the socket is shut down
                udp.sendto(datagram, peer)
        except OSError:
            return


def _connections(tcp: socket.socket, stream: Stream | None) -> None:
    while True:
        try:
            sock, _peer = tcp.accept()
        except OSError:
            return
        threading.Thread(target=_one, args=(sock, stream), daemon=True).start()


def _one(sock: socket.socket, stream: Stream | None) -> None:
    try:
        if stream:
            stream(sock)
    except OSError:
        pass  # the probe has left
    finally:
        sock.close()


def silent(_question: bytes) -> list[bytes]:
    return []


def truncated(question: bytes) -> list[bytes]:
    """Come back by TCP."""
    return [question[:2] + HEADER_TRUNCATED + question[4:6] + b"\0\0\0\0\0\0" + _asked(question)]


def answering(records: bytes, count: int = 1) -> Reply:
    """An answer whose records are these bytes, in TCP and UDP alike."""

    def reply(question: bytes) -> list[bytes]:
        return [question[:2] + HEADER_ANSWER + question[4:6] + count.to_bytes(2, "big") + b"\0\0\0\0" + _asked(question) + records]

    return reply


def over_tcp(reply: Reply) -> Stream:
    """The datagram's content, as one message of a stream."""

    def stream(sock: socket.socket) -> None:
        size = int.from_bytes(sock.recv(2), "big")
        message = reply(sock.recv(size))[0]
        sock.sendall(len(message).to_bytes(2, "big") + message)

    return stream


def _asked(question: bytes) -> bytes:
    """The question section alone."""
    end = question.index(b"\0", 12) + 5
    return question[12:end]
