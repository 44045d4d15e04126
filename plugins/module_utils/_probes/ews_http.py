# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""One HTTP request on a connection that stands, and its answer within fixed limits (RFC 9112)."""

from __future__ import annotations

import io
import re
import socket
from http.client import HTTPException, HTTPResponse
from typing import Any, Dict, List, NamedTuple

from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import Deadline, ProbeFailure
from ansible_collections.mimecast.connect.plugins.module_utils._probes.tls import broken

MAX_BODY = 256 * 1024
MAX_TOTAL = MAX_BODY + 128 * 1024  # with status line, headers and the sizes of chunks
PHASE = "the request"
# A scheme stands at the start or after a comma, and is followed by a space (its parameters) or by the next scheme.
SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9_-]{0,30})(?=\s+[^\s=]|\s*,|\s*$)")


class Answer(NamedTuple):
    """Status, headers (names in lower case, one value for each time a header was sent) and body, cut at MAX_BODY."""

    status: int
    headers: Dict[str, List[str]]
    body: bytes

    def header(self, name: str) -> str:
        """The first value of a header; empty where there is none."""
        return next(iter(self.headers.get(name, [])), "")

    def schemes(self) -> List[str]:
        """The ways to log in that WWW-Authenticate offers, in their order (RFC 9110, section 11)."""
        values = self.headers.get("www-authenticate", [])
        return list(dict.fromkeys(scheme for value in values for scheme in SCHEME.findall(value[:2000])))[:10]


class _Stream(io.RawIOBase):
    """A socket as HTTPResponse reads one: every wait ends with the deadline, and the total is limited."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._sock = sock
        self._deadline = deadline
        self._total = 0

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.left())
        count = self._sock.recv_into(buffer)
        self._total += count
        if self._total > MAX_TOTAL:
            raise _not_http(f"its answer exceeds {MAX_TOTAL} bytes")
        return count


def exchange(sock: socket.socket, deadline: Deadline, head: List[str], body: bytes) -> Answer:
    """Send a request, its head line by line in ASCII (without line breaks), and read the answer. The connection is spent."""
    lines = [*head, f"Content-Length: {len(body)}", "Accept-Encoding: identity", "Connection: close", "", ""]
    try:
        sock.settimeout(deadline.left())
        sock.sendall("\r\n".join(lines).encode("ascii") + body)
        return _read(_Stream(sock, deadline))
    except ProbeFailure:
        raise
    except ConnectionError as exc:  # http.client's own for a hang-up is both this and an HTTPException
        raise broken(exc, PHASE) from exc
    except (HTTPException, ValueError) as exc:
        raise _not_http(type(exc).__name__) from exc
    except OSError as exc:
        raise broken(exc, PHASE) from exc


def _read(stream: Any) -> Answer:
    response = HTTPResponse(stream, method="POST")
    try:
        response.begin()
        headers: Dict[str, List[str]] = {}
        for name, value in response.getheaders():
            headers.setdefault(name.lower(), []).append(value)
        # The page of a refusal tells nothing that the status does not, and some servers never end it.
        body = response.read(MAX_BODY + 1) if response.status in (200, 500) else b""
        return Answer(response.status, headers, body)
    finally:
        response.close()


def _not_http(reason: str) -> ProbeFailure:
    return ProbeFailure("not_ews", reason=reason)
