# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The dialogue with a directory that may be slow, broken or hostile: one question at a time, bounded answers."""

from __future__ import annotations

import itertools
import socket
import ssl
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._probes import ldap_messages, net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_messages import (
    ENTRY, INTERMEDIATE, REFERENCE, SEQUENCE, Answer, Result,
)
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import Deadline, ProbeFailure
from ansible_collections.mimecast.connect.plugins.module_utils._probes.tls import broken

MAX_MESSAGE = 256 * 1024  # an entry with 5,000 addresses; Active Directory sends at most 1,500 at once
CHUNK = 64 * 1024


class MessageBuffer:
    """Bytes in, whole messages out. ProbeFailure not_ldap for what is no message, or too long a one, at its first bytes."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._at = 0

    @property
    def pending(self) -> bool:
        return self._at < len(self._data)

    def feed(self, data: bytes) -> None:
        del self._data[: self._at]
        self._at = 0
        self._data += data

    def take(self) -> Optional[bytes]:
        """The next whole message, or None while bytes are missing."""
        head = self._data[self._at : self._at + 6]
        if head and head[0] != SEQUENCE:
            raise not_ldap(f"an answer begins with byte 0x{head[0]:02x} instead of 0x{SEQUENCE:02x}")
        if len(head) < 2:
            return None
        size, start = head[1], 2
        if size & 0x80:
            start += size & 0x7F
            if not 2 < start <= 6:
                raise not_ldap("the length of an answer is out of all proportion")
            if len(head) < start:
                return None
            size = int.from_bytes(head[2:start], "big")
        if size > MAX_MESSAGE:
            raise not_ldap(f"an answer of {size} bytes exceeds {MAX_MESSAGE}")
        end = self._at + start + size
        if len(self._data) < end:
            return None
        message = bytes(self._data[self._at : end])
        self._at = end
        return message


class Conversation:
    """Questions and answers on one connection. All waits end with the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self.sock = sock
        self._deadline = deadline
        self._buffer = MessageBuffer()
        self._numbers = itertools.count(1)

    def upgrade(self, sock: ssl.SSLSocket) -> None:
        self.sock = sock

    def ask(self, phase: str, request: Callable[..., bytes], *given: Any) -> Iterator[Answer]:
        """The answers to one request, the last of which has the result; phase names it in the sentence of a failure."""
        number = next(self._numbers)
        try:
            written = request(number, *given)
        except Exception as exc:  # ldap3 has many, some with the password in their text
            raise ProbeFailure("check_invalid", reason=f"{phase} cannot be written in LDAP ({type(exc).__name__})") from None
        try:
            self.sock.settimeout(self._deadline.left())
            self.sock.sendall(written)
        except OSError as exc:
            raise broken(exc, phase) from exc
        while True:
            answer = self._answer(phase)
            if answer.number == 0:
                with decoding():
                    reason = answer.result.name
                raise ProbeFailure("connection_closed", phase=f"{phase} ({reason})")
            if answer.number != number:
                raise not_ldap("an answer belongs to no question")
            yield answer
            if answer.operation not in (ENTRY, REFERENCE, INTERMEDIATE):
                return

    def result(self, phase: str, operation: int, request: Callable[..., bytes], *given: Any) -> Result:
        """The result of a request that is answered by one message of this kind."""
        answer = next(self.ask(phase, request, *given))
        if answer.operation != operation:
            raise not_ldap("an answer is of another kind than its question")
        with decoding():
            return answer.result

    def has_unread_bytes(self) -> bool:
        """Whether the server has already sent more than the answers that were read. Before TLS that is an attack or a fault."""
        return bool(self._buffer.pending) or net.has_waiting_bytes(self.sock)

    def close(self) -> None:
        try:
            self.sock.settimeout(0.1)
            self.sock.sendall(ldap_messages.UNBIND)
        except OSError:
            pass
        finally:
            self.sock.close()

    def _answer(self, phase: str) -> Answer:
        try:
            while True:
                message = self._buffer.take()
                if message:
                    with decoding():
                        return ldap_messages.read(message)
                self.sock.settimeout(self._deadline.left())
                data = self.sock.recv(CHUNK)
                if not data:
                    raise ProbeFailure("connection_closed", phase=phase)
                self._buffer.feed(data)
        except OSError as exc:
            raise broken(exc, phase) from exc


@contextmanager
def decoding() -> Iterator[None]:
    """Reading from a message; ProbeFailure not_ldap when that is garbage."""
    try:
        yield
    except (ValueError, IndexError) as exc:
        raise not_ldap("an answer cannot be decoded") from exc


def not_ldap(reason: str) -> ProbeFailure:
    return ProbeFailure("not_ldap", reason=reason)
