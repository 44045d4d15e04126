# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The POP3 dialogue with a server that may be slow, broken or hostile (RFC 1939, RFC 2449, RFC 2595)."""

from __future__ import annotations

import re
import socket
import ssl
from typing import List, NamedTuple, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._probes import net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import Deadline, ProbeFailure
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable
from ansible_collections.mimecast.connect.plugins.module_utils._probes.tls import broken

MAX_LINE = 2048  # RFC 2449 allows 512
MAX_LINES = 200
MAX_TOTAL = 32 * 1024  # for all that one connection says
SHOWN_CAPABILITIES = 50
STATUS = re.compile(rb"(\+OK|-ERR)(?:[ \t](.*))?", re.DOTALL)
RESPONSE_CODE = re.compile(r"\[([A-Za-z0-9/-]+)\]")


class Reply(NamedTuple):
    """A status line; text is as it came, so it is not yet fit to be shown."""

    positive: bool
    text: str

    @property
    def code(self) -> str:
        """The response code of RFC 2449 and RFC 3206, such as AUTH or SYS/TEMP; empty where there is none."""
        found = RESPONSE_CODE.match(self.text)
        return found.group(1).upper() if found else ""


class Conversation:
    """Commands and replies on one connection, in clear text and then perhaps encrypted. All waits end with the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self.sock = sock
        self._deadline = deadline
        self._pending = b""
        self._total = 0
        self._usable = True

    def upgrade(self, sock: ssl.SSLSocket) -> None:
        self.sock = sock
        self._pending = b""

    def reply(self, phase: str) -> Reply:
        """The next status line; phase names what was waited for in the sentence of a failure."""
        line = self._line(phase)
        found = STATUS.fullmatch(line)
        if not found:
            self._usable = False
            # Only the greeting is shown: what follows may repeat what the server was told.
            shown = printable(line.decode("utf-8", "replace"), 80) if phase == "greeting" else ""
            raise _not_pop(f"it says '{shown}'" if shown else f"what it says at {phase} is no reply")
        return Reply(found.group(1) == b"+OK", (found.group(2) or b"").decode("utf-8", "replace"))

    def command(self, keyword: str, argument: str = "") -> Reply:
        """Send one command (its caller has made sure that the argument holds no line break) and wait for the reply."""
        line = f"{keyword} {argument}" if argument else keyword
        try:
            self.sock.settimeout(self._deadline.left())
            self.sock.sendall(line.encode("utf-8") + b"\r\n")
        except OSError as exc:
            self._usable = False
            raise broken(exc, keyword) from exc
        return self.reply(keyword)

    def capabilities(self) -> Optional[List[str]]:
        """What CAPA lists, upper-case keyword first, at most SHOWN_CAPABILITIES; None where the server does not know CAPA."""
        if not self.command("CAPA").positive:
            return None
        found: List[str] = []
        for _number in range(MAX_LINES):
            line = self._line("CAPA")
            if line == b".":
                return found[:SHOWN_CAPABILITIES]
            keyword, space, rest = line.decode("utf-8", "replace").partition(" ")
            found.append(printable(keyword.upper() + space + rest, 200))
        self._usable = False
        raise _not_pop(f"CAPA exceeds {MAX_LINES} lines")

    def has_unread_bytes(self) -> bool:
        """Whether the server has already sent more than the replies that were read. Before TLS that is an attack or a fault:
        the client speaks first in TLS, so whatever lies here came in clear text."""
        return bool(self._pending) or net.has_waiting_bytes(self.sock)

    def close(self) -> None:
        """Leave, with a QUIT where the dialogue is sound: without it some servers keep the mailbox locked for a while."""
        if self._usable:
            net.send_quit(self.sock, self._deadline)
        self.sock.close()

    def _line(self, phase: str) -> bytes:
        """The next line without its end; a lone LF is taken for one as well."""
        try:
            while b"\n" not in self._pending:
                self._receive(phase)
            line, _newline, self._pending = self._pending.partition(b"\n")
            if len(line) > MAX_LINE:
                raise _not_pop(f"a line exceeds {MAX_LINE} bytes")
        except OSError as exc:
            self._usable = False
            raise broken(exc, phase) from exc
        except ProbeFailure:
            self._usable = False
            raise
        return line[:-1] if line.endswith(b"\r") else line

    def _receive(self, phase: str) -> None:
        if len(self._pending) > MAX_LINE:
            raise _not_pop(f"a line exceeds {MAX_LINE} bytes")
        self.sock.settimeout(self._deadline.left())
        data = self.sock.recv(4096)
        if not data:
            raise ProbeFailure("connection_closed", phase=phase)
        self._total += len(data)
        if self._total > MAX_TOTAL:
            raise _not_pop(f"its replies exceed {MAX_TOTAL} bytes")
        self._pending += data


def _not_pop(reason: str) -> ProbeFailure:
    return ProbeFailure("not_pop", reason=reason)
