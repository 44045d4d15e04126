# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small real DNS server on loopback: answers from a table, NXDOMAIN for the rest."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Table = dict[tuple[str, str], list[str]]


@contextmanager
def dns_server(table: Table, broken: str = "") -> Iterator[str]:
    """Yields host:port. Keys are (name, type); the name `broken` answers SERVFAIL. The table may change meanwhile."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                raw, peer = server.recvfrom(4096)
                server.sendto(_answer(dns.message.from_wire(raw), table, broken).to_wire(), peer)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.close()


def _answer(query: dns.message.Message, table: Table, broken: str) -> dns.message.Message:
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    question = query.question[0]
    name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype.name.lower()
    if name == broken:
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif (name, kind) in table:
        answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind.upper(), table[name, kind]))
    elif name not in {known[0] for known in table}:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer
