# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile DNS servers get a clear verdict in bounded time and memory."""

from __future__ import annotations

import json
import socket
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("dns", reason="the dns probe needs dnspython")

from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns import DnsCheck, check_dns
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict
from hostile_dns import Reply, Stream, answering, hostile_dns, over_tcp, silent, truncated

TIMEOUT, SLACK = 1.5, 0.7
MEGABYTES = 16  # the 64 kB of an answer, taken apart into terms for two servers
POINTER = b"\xc0\x0c"  # to the name in the question
MX, TXT, CNAME = b"\0\x0f", b"\0\x10", b"\0\x05"


def record(kind: bytes, data: bytes, name: bytes = POINTER) -> bytes:
    return name + kind + b"\0\1\0\0\1\0" + len(data).to_bytes(2, "big") + data


def txt(text: bytes) -> bytes:
    return record(TXT, b"".join(bytes([len(text[start:start + 255])]) + text[start:start + 255] for start in range(0, len(text), 255)))


def drip(sock: socket.socket) -> None:
    sock.sendall(b"\xff\xff")
    while True:
        sock.sendall(b"\0")
        time.sleep(0.02)


def flood(question: bytes) -> list[bytes]:
    return [b"\0\0" + question[2:]] * 2000


def endless(sock: socket.socket) -> None:
    while True:
        sock.sendall(b"\xff\xff" + b"x" * 65535)


BIG_SPF = answering(txt(b"v=spf1 " + b"include:%{d}.loop.test " * 2500), 1)
MANY_MX = answering(b"".join(record(MX, bytes([0, 1]) + b"\4h%03d" % number + POINTER) for number in range(900)), 900)
# what answers datagrams, what answers TCP, and how the verdict begins
CASES: dict[str, tuple[Reply, Stream | None, str]] = {
    "silent": (silent, None, "unknown resolver_silent"),
    "empty datagram": (lambda question: [b""], None, "unknown resolver_broken"),
    "garbage": (lambda question: [b"HTTP/1.1 400 Bad Request\r\n\r\n"], None, "unknown resolver_broken"),
    "another question's id": (lambda question: [b"\0\0" + question[2:]], None, "unknown resolver_broken"),
    "the question sent back": (lambda question: [question], None, "unknown resolver_broken"),
    "datagrams without end": (flood, None, "unknown resolver_broken"),
    "NOTIMP": (lambda question: [question[:2] + b"\x81\x84" + question[4:]], None, "unknown resolver_broken"),
    "REFUSED": (lambda question: [question[:2] + b"\x81\x85" + question[4:]], None, "unknown resolver_refused"),
    "truncated, no TCP": (truncated, None, "unknown resolver_silent"),
    "truncated, TCP drips": (truncated, drip, "unknown resolver_silent"),
    "truncated, TCP endless": (truncated, endless, "unknown resolver_broken"),
    "name that points at itself": (answering(record(MX, b"\0\1\xc0\x0c", b"\xc0\x1c")), None, "unknown resolver_broken"),
    "record cut off": (answering(record(MX, b"\0\1\3www")[:-2]), None, "unknown resolver_broken"),
    "alias of itself": (answering(record(CNAME, POINTER)), None, "failed dns_loop"),
    "900 MX records": (truncated, over_tcp(MANY_MX), "failed mx_not_service"),
    "SPF of 60 kB": (truncated, over_tcp(BIG_SPF), "failed spf_"),
    "colours in a TXT record": (answering(txt(b"v=spf1 \x1b[31mred\x1b[0m\r\n -all")), None, "failed spf_invalid"),
    "not UTF-8": (answering(txt(b"v=spf1 \xff\xfe -all")), None, "failed spf_invalid"),
}


def check(address: str, part: str = "mx", **options: Any) -> Verdict:
    known = {"ns1.acme.test": address}
    return check_dns(DnsCheck("acme.test", region="eu", records=[part], resolver=address, nameservers=known, timeout=TIMEOUT, **options))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("authoritative", [False, True])
def test_hostile_server(name: str, authoritative: bool) -> None:
    reply, stream, expected = CASES[name]
    with hostile_dns(reply, stream) as address:
        start = time.monotonic()
        found = check(address, "spf" if "spf" in expected else "mx", authoritative=authoritative)
        took = time.monotonic() - start
    assert f"{found.verdict} {found.code}".startswith(expected), found.message
    assert took < TIMEOUT + SLACK
    shown = json.dumps(found.as_dict())
    assert found.message.isprintable() and len(shown) < 100_000 and "\\u001b" not in shown


@pytest.mark.parametrize("name", ["datagrams without end", "truncated, TCP endless", "900 MX records", "SPF of 60 kB"])
def test_memory_is_bounded(name: str) -> None:
    reply, stream, expected = CASES[name]
    with hostile_dns(reply, stream) as address:
        check(address, "spf" if "spf" in expected else "mx")  # what is imported on the way is not the server's doing
        tracemalloc.start()
        check(address, "spf" if "spf" in expected else "mx")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < MEGABYTES * 2**20, peak


def test_a_hostile_authoritative_server_does_not_spoil_the_resolver() -> None:
    """Each side is read by itself; here both are one server that changes its mind."""
    def reply(question: bytes) -> list[bytes]:
        recursion = question[2] & 1
        kind = question[12:].partition(b"\0")[2][:2]
        name_server = record(b"\0\2", b"\3ns1" + POINTER)
        data: dict[bytes, Callable[[], bytes]] = {b"\0\2": lambda: name_server, MX: lambda: record(MX, b"\0\0\0")}
        if not recursion:
            return [b"garbage"]
        return answering(data.get(kind, lambda: b"")(), 1 if kind in data else 0)(question)

    with hostile_dns(reply) as address:
        found = check(address)
    assert found.code == "mx_null"
    assert [one["code"] for one in found.evidence["findings"]] == ["mx_null", "nameservers_silent"]
