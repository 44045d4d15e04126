# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name server for rehearsals, asked and updated as dnspython does it."""

from __future__ import annotations

from collections.abc import Iterator

import dns.message
import dns.query
import dns.rcode
import dns.tsigkeyring
import dns.update
import pytest
from mimecast_sandbox.name_server import NameServer

ZONE = "@ MX 10 mx\nmx A 192.0.2.1\nalias CNAME mx\nlong TXT " + " ".join(f'"{"x" * 250}"' for _number in range(8)) + "\na.b A 192.0.2.2"


@pytest.fixture
def server() -> Iterator[NameServer]:
    with NameServer({"acme.example": ZONE, "other.example": "@ A 192.0.2.9"}) as found:
        yield found


def ask(server: NameServer, name: str, kind: str) -> dns.message.Message:
    query = dns.message.make_query(name, kind, use_edns=0, payload=1232)
    return dns.query.udp_with_fallback(query, "127.0.0.1", 3, port=server.port)[0]


@pytest.mark.parametrize(("name", "kind", "code", "answers"), [
    ("acme.example", "MX", "NOERROR", ["10 mx.acme.example."]),
    ("ACME.example", "MX", "NOERROR", ["10 mx.acme.example."]),
    ("alias.acme.example", "A", "NOERROR", ["mx.acme.example.", "192.0.2.1"]),
    ("mx.acme.example", "AAAA", "NOERROR", []),
    ("b.acme.example", "A", "NOERROR", []),
    ("no.acme.example", "A", "NXDOMAIN", []),
    ("elsewhere.example", "A", "REFUSED", []),
])
def test_answers(server: NameServer, name: str, kind: str, code: str, answers: list[str]) -> None:
    found = ask(server, name, kind)
    assert (dns.rcode.to_text(found.rcode()), [row.to_text().lower() for rrset in found.answer for row in rrset]) == (code, answers)
    assert bool(found.authority) == (not answers and code != "REFUSED")


def test_what_is_too_long_for_a_datagram_comes_by_tcp(server: NameServer) -> None:
    assert len(ask(server, "long.acme.example", "TXT").answer[0][0].strings) == 8


def send(server: NameServer, change: dns.update.UpdateMessage, secret: str | None = None) -> str:
    if secret != "":
        change.use_tsig(dns.tsigkeyring.from_text({server.key_name: secret or server.key_secret}))
    return dns.rcode.to_text(dns.query.tcp(change, "127.0.0.1", 3, port=server.port).rcode())


def test_an_update_is_all_or_nothing(server: NameServer) -> None:
    change = dns.update.UpdateMessage("acme.example")
    change.present("acme.example.", "MX", "10 mx.acme.example.")
    change.replace("acme.example.", 1, "MX", "10 one.example.", "10 two.example.")
    change.delete("mx.acme.example.", "A", "192.0.2.1")
    assert send(server, change) == "NOERROR"
    assert server.records("acme.example", "MX") == ["10 one.example.", "10 two.example."] and server.records("mx.acme.example", "A") == []
    assert send(server, change) == "NXRRSET"

    both = dns.update.UpdateMessage("acme.example")
    both.present("acme.example.", "MX", "10 two.example.", "10 one.example.")
    both.replace("acme.example.", 1, "MX", "10 one.example.", "20 two.example.")
    assert send(server, both) == "NOERROR", "a set of two records is one prerequisite"
    assert send(server, both) == "NXRRSET" and server.records("acme.example", "MX") == ["10 one.example.", "20 two.example."]

    absent = dns.update.UpdateMessage("acme.example")
    absent.absent("acme.example.", "MX")
    absent.delete("acme.example.", "MX")
    assert send(server, absent) == "YXRRSET" and len(server.records("acme.example", "MX")) == 2


def test_only_the_key_changes_anything(server: NameServer) -> None:
    change = dns.update.UpdateMessage("acme.example")
    change.delete("acme.example.", "MX")
    assert send(server, change, "") == "REFUSED"
    with pytest.raises(EOFError):  # one that is not signed by the key gets no answer
        send(server, change, "AAAA")
    assert server.records("acme.example", "MX") == ["10 mx.acme.example."]
    strange = dns.update.UpdateMessage("elsewhere.example")
    strange.add("elsewhere.example.", 1, "A", "192.0.2.1")
    assert send(server, strange) == "NOTAUTH"
