# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A name server for rehearsals: holds zones in memory, answers over UDP and TCP, and takes signed dynamic updates.

    with NameServer({"acme.example": "@ MX 10 mx1\\nmx1 A 192.0.2.1"}) as dns:
        dns.address, dns.key_name, dns.key_secret

It is authority and resolver at once, on a free port of 127.0.0.1, and refuses names that are in none of its zones. Tests of the collection
ask BIND instead; this one is for machines that have nothing but Python.
"""

from __future__ import annotations

import base64
import secrets
import socketserver
import threading
from collections.abc import Mapping
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsigkeyring
import dns.update
import dns.zone

# What a zone begins with; negative answers are kept for one second, so that a rehearsal does not wait.
HEADER = "$TTL 1\n@ SOA ns1 hostmaster 1 3600 600 86400 1\n@ NS ns1\nns1 A 127.0.0.1\n"
_CHAIN = 8


class NameServer:
    """The server as a context manager. zones: name -> text of the zone without SOA and NS."""

    key_name = "rehearsal"

    def __init__(self, zones: Mapping[str, str]) -> None:
        self.key_secret = base64.b64encode(secrets.token_bytes(32)).decode("ascii")
        self._keyring = dns.tsigkeyring.from_text({self.key_name: self.key_secret})
        self._zones = {dns.name.from_text(name): dns.zone.from_text(HEADER + text + "\n", name, relativize=False) for name, text in zones.items()}
        self._lock = threading.Lock()

    def __enter__(self) -> NameServer:
        self._servers: list[Any] = []
        while not self._servers:
            udp = _Udp(("127.0.0.1", 0), _Datagram)
            try:
                self._servers = [udp, _Tcp(udp.server_address, _Stream)]
            except OSError:
                udp.server_close()  # the port is free for UDP only
        for server in self._servers:
            server.answer = self._answer
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    @property
    def port(self) -> int:
        """Its port, for UDP and TCP."""
        port: int = self._servers[0].server_address[1]
        return port

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self.port}"

    def records(self, name: str, kind: str) -> list[str]:
        """The data of a name's records of one type, sorted."""
        owner = dns.name.from_text(name)
        with self._lock:
            zone = self._zone_of(owner)
            found = zone.get_rdataset(owner, kind) if zone else None
            return sorted(record.to_text() for record in found or ())

    def _answer(self, wire: bytes, limit: int) -> bytes | None:
        try:
            query = dns.message.from_wire(wire, keyring=self._keyring)
        except (dns.exception.DNSException, ValueError):
            return None
        response = dns.message.make_response(query, recursion_available=True)
        with self._lock:
            if query.opcode() == dns.opcode.UPDATE:
                response.set_rcode(self._update(query))
            elif query.question:
                self._look_up(query.question[0], response)
        try:
            return response.to_wire(max_size=limit)
        except dns.exception.TooBig:
            short = dns.message.make_response(query)
            short.flags |= dns.flags.TC
            return short.to_wire()

    def _zone_of(self, name: dns.name.Name) -> dns.zone.Zone | None:
        above = [origin for origin in self._zones if name.is_subdomain(origin)]
        return self._zones[max(above, key=len)] if above else None

    def _look_up(self, question: dns.rrset.RRset, response: dns.message.Message) -> None:
        name = question.name
        for _step in range(_CHAIN):
            zone = self._zone_of(name)
            if zone is None:
                return response.set_rcode(dns.rcode.REFUSED)
            response.flags |= dns.flags.AA
            found = zone.get_rdataset(name, question.rdtype)
            alias = None if found else zone.get_rdataset(name, dns.rdatatype.CNAME)
            if found or alias:
                response.answer.append(dns.rrset.from_rdata_list(name, (found or alias).ttl, found or alias))
            if not alias:
                break
            name = alias[0].target
        if not found:
            soa = zone.get_rdataset(zone.origin, dns.rdatatype.SOA)
            response.authority.append(dns.rrset.from_rdata_list(zone.origin, soa.ttl, soa))
            if zone.get_node(name) is None and not any(node.is_subdomain(name) for node in zone.nodes):
                response.set_rcode(dns.rcode.NXDOMAIN)
        return None

    def _update(self, message: dns.update.UpdateMessage) -> dns.rcode.Rcode:
        """RFC 2136: all of it or nothing."""
        zone = self._zones.get(message.zone[0].name)
        if zone is None:
            return dns.rcode.NOTAUTH
        if not message.had_tsig:
            return dns.rcode.REFUSED
        for wanted in _whole(message.prerequisite):
            refused = _unmet(zone, wanted)
            if refused:
                return refused
        with zone.writer() as change:
            for record in message.update:
                if record.deleting is None:
                    change.add(record.name, record.ttl, *record)
                elif record.deleting == dns.rdataclass.NONE:
                    change.delete(record.name, *record)
                elif record.rdtype == dns.rdatatype.ANY:
                    change.delete(record.name)
                else:
                    change.delete(record.name, record.rdtype)
            change.update_serial(name=zone.origin)
        return dns.rcode.NOERROR


def _whole(prerequisites: list[dns.rrset.RRset]) -> list[dns.rrset.RRset]:
    """dnspython reads each record of an update by itself, but one set of records is meant (RFC 2136, section 3.2.3)."""
    found: dict[tuple[Any, ...], dns.rrset.RRset] = {}
    for one in prerequisites:
        kept = found.setdefault((one.name, one.rdtype, one.deleting), one)
        for record in one:
            kept.add(record)
    return list(found.values())


def _unmet(zone: dns.zone.Zone, wanted: dns.rrset.RRset) -> dns.rcode.Rcode | None:
    found = zone.get_node(wanted.name) if wanted.rdtype == dns.rdatatype.ANY else zone.get_rdataset(wanted.name, wanted.rdtype)
    if wanted.deleting == dns.rdataclass.NONE:
        return (dns.rcode.YXDOMAIN if wanted.rdtype == dns.rdatatype.ANY else dns.rcode.YXRRSET) if found else None
    if not found:
        return dns.rcode.NXDOMAIN if wanted.rdtype == dns.rdatatype.ANY else dns.rcode.NXRRSET
    return None if not len(wanted) or set(wanted) == set(found) else dns.rcode.NXRRSET


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    answer: Any = None


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    answer: Any = None


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, server = self.request
        answer = self.server.answer(wire, 1232)
        if answer:
            server.sendto(answer, self.client_address)


class _Stream(socketserver.StreamRequestHandler):
    timeout = 5

    def handle(self) -> None:
        try:
            while head := self.rfile.read(2):
                answer = self.server.answer(self.rfile.read(int.from_bytes(head, "big")), 65535)
                if answer is None:
                    return
                self.wfile.write(len(answer).to_bytes(2, "big") + answer)
        except OSError:
            return
