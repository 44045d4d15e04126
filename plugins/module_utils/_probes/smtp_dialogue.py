# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The SMTP dialogue with a server that may be slow, broken or hostile (RFC 5321, RFC 3207)."""

from __future__ import annotations

import re
import socket
import ssl
from typing import List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._probes import net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import Deadline, ProbeFailure
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable, without
from ansible_collections.mimecast.connect.plugins.module_utils._probes.tls import broken

MAX_LINE = 2048  # RFC 5321 allows 512; real banners are sometimes longer
MAX_LINES = 200
MAX_TOTAL = 32 * 1024  # for all replies on one connection; a check makes at most three
SHOWN_CHARACTERS = 500
SHOWN_CAPABILITIES = 50
LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)


class Reply(NamedTuple):
    """One reply, of one or more lines, already fit to be shown."""

    code: int
    lines: Tuple[str, ...]

    @property
    def text(self) -> str:
        return printable(" ".join(line for line in self.lines if line), SHOWN_CHARACTERS)

    @property
    def positive(self) -> bool:
        return 200 <= self.code < 300

    @property
    def transient(self) -> bool:
        return 400 <= self.code < 500

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


class ReplyBuffer:
    """Bytes in, replies out, within fixed limits and without the secrets. ProbeFailure not_smtp for what is no reply."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self.pending = b""
        self._secrets = secrets
        self._total = 0
        self._code = 0
        self._lines: List[str] = []

    def feed(self, data: bytes) -> None:
        self._total += len(data)
        if self._total > MAX_TOTAL:
            raise _not_smtp(f"its replies exceed {MAX_TOTAL} bytes")
        self.pending += data

    def take(self) -> Optional[Reply]:
        """The next whole reply, or None while bytes are missing."""
        while True:
            line, newline, rest = self.pending.partition(b"\n")
            if len(line) > MAX_LINE:
                raise _not_smtp(f"a line exceeds {MAX_LINE} bytes")
            if not newline:
                return None
            self.pending = rest
            if self._add(line[:-1] if line.endswith(b"\r") else line):
                reply = Reply(self._code, tuple(self._lines))
                self._code, self._lines = 0, []
                return reply

    def clear(self) -> None:
        """Forget the bytes of a clear-text dialogue; the limit on the total stays."""
        self.pending, self._code, self._lines = b"", 0, []

    def _add(self, line: bytes) -> bool:
        """Take one line in; whether it was the last of its reply."""
        found = LINE.fullmatch(line)
        if not found:
            shown = printable(self._told(line), 80)
            raise _not_smtp(f"it says '{shown}'" if shown else "it sends an empty line")
        code = int(found.group(1))
        if self._code not in (0, code):
            raise _not_smtp(f"one reply has the codes {self._code} and {code}")
        if len(self._lines) >= MAX_LINES:
            raise _not_smtp(f"a reply exceeds {MAX_LINES} lines")
        self._code = code
        self._lines.append(printable(self._told(found.group(3) or b""), SHOWN_CHARACTERS))
        return found.group(2) != b"-"

    def _told(self, line: bytes) -> str:
        return without(line.decode("utf-8", "replace"), self._secrets)


class Conversation:
    """Commands and replies on one connection, in clear text and then perhaps encrypted. All waits end with the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline, secrets: Sequence[str] = ()) -> None:
        self.sock = sock
        self._deadline = deadline
        self._buffer = ReplyBuffer(secrets)
        self._usable = True

    def upgrade(self, sock: ssl.SSLSocket) -> None:
        self.sock = sock
        self._buffer.clear()

    def reply(self, phase: str) -> Reply:
        """The next reply; phase names what was waited for in the sentence of a failure."""
        try:
            while True:
                reply = self._buffer.take()
                if reply:
                    return reply
                self.sock.settimeout(self._deadline.left())
                data = self.sock.recv(4096)
                if not data:
                    raise ProbeFailure("connection_closed", phase=phase)
                self._buffer.feed(data)
        except OSError as exc:
            self._usable = False
            raise broken(exc, phase) from exc
        except ProbeFailure:
            self._usable = False
            raise

    def command(self, line: str, phase: str = "") -> Reply:
        """Send one command line (its caller has made sure that it holds no line break) and wait for the reply.

        phase: what failures call it, where that is not the first word.
        """
        phase = phase or line.partition(" ")[0].partition(":")[0]
        try:
            self.sock.settimeout(self._deadline.left())
            self.sock.sendall(line.encode("ascii") + b"\r\n")
        except OSError as exc:
            raise broken(exc, phase) from exc
        return self.reply(phase)

    def ehlo(self, name: str) -> List[str]:
        """The capabilities, upper-case keyword first, at most SHOWN_CAPABILITIES."""
        reply = self.command(f"EHLO {name}")
        if reply.code == 421:
            raise ProbeFailure("service_unavailable", reply=str(reply))
        if reply.code != 250:
            raise ProbeFailure("ehlo_refused", reply=str(reply))
        words = [line.partition(" ") for line in reply.lines[1:]]
        return [(keyword.upper() + space + rest)[:200] for keyword, space, rest in words if keyword][:SHOWN_CAPABILITIES]

    def has_unread_bytes(self) -> bool:
        """Whether the server has already sent more than the replies that were read. Before TLS that is an attack or a fault:
        the client speaks first in TLS, so whatever lies here came in clear text (CVE-2011-0411 and its family)."""
        return bool(self._buffer.pending) or net.has_waiting_bytes(self.sock)

    def close(self) -> None:
        """Leave, with a QUIT where the dialogue is sound: servers count clients that just hang up, and block them."""
        if self._usable:
            net.send_quit(self.sock, self._deadline)
        self.sock.close()


def _not_smtp(reason: str) -> ProbeFailure:
    return ProbeFailure("not_smtp", reason=reason)
