# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Questions to the DNS, at a resolver or at one server, within a time that the caller sets. Needs dnspython.

Every question ends in an Answer, whose status tells apart what goes wrong; nothing in here raises for what a server does.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import join

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.query
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.resolver
except ImportError:
    HAS_DNSPYTHON = False
else:
    HAS_DNSPYTHON = True

# Statuses: found, nodata (the name exists, not with this type), nxdomain (no such name), loop (of CNAMEs), servfail, refused,
# lame (a server that is asked for its own zone and does not hold it), broken (no DNS message), silent (no answer in time).
NEGATIVE = frozenset(["nodata", "nxdomain"])
SOLID = NEGATIVE | {"found", "loop"}
PORT = 53
PAYLOAD = 1232  # bytes that a UDP answer may have; more comes by TCP
TRY_SECONDS = 2.0  # for one try by UDP, of ROUNDS
ROUNDS = 2
MAX_CHAIN = 12

Where = Tuple[str, int]
TimeLeft = Callable[[], float]  # seconds left, or socket.timeout when there are none


@dataclass(frozen=True)
class Answer:
    """records by type: MX (preference, host); TXT its joined text; others one text each, host names without the final dot.

    name: the owner of the records, behind all CNAMEs; aliases: the CNAMEs on the way; ttl: seconds for which whoever
    answered may keep saying so; server: who answered; authoritative: whether it said that it holds the zone.
    """

    status: str
    records: Tuple[Any, ...] = ()
    ttl: int = 0
    name: str = ""
    aliases: Tuple[str, ...] = ()
    server: str = ""
    authoritative: bool = False
    zone: str = ""  # owner of the SOA record in a negative answer
    rrset: Any = field(default=None, compare=False, repr=False)  # dnspython's, with each string and the TTL as they came

    @property
    def values(self) -> Tuple[Any, ...]:
        """The records in an order of their own, for comparing answers."""
        return tuple(sorted(self.records))


class Resolver:
    """A resolver, asked recursively; each question is asked once and its answer kept.

    servers: (address, port) pairs that are tried in this order.
    """

    def __init__(self, servers: Sequence[Where], left: TimeLeft) -> None:
        self.servers, self._left = list(servers), left
        self._answers: Dict[Tuple[str, str], Answer] = {}

    def ask(self, name: str, kind: str) -> Answer:
        """The answer to one question, such as ("acme.example", "MX")."""
        question = (name.lower().rstrip("."), kind)
        if question not in self._answers:
            self._answers[question] = self._ask(*question)
        return self._answers[question]

    def addresses(self, host: str) -> Tuple[Answer, Answer]:
        """Answers for A and AAAA."""
        return self.ask(host, "A"), self.ask(host, "AAAA")

    def _ask(self, name: str, kind: str) -> Answer:
        answer = Answer("silent")
        for _round in range(ROUNDS):
            for server in self.servers:
                answer = ask(server, name, kind, self._left)
                if answer.status in SOLID:
                    return answer
            if answer.status not in ("silent", "broken"):
                break
        return answer


def system_servers() -> List[Where]:
    """The resolvers of this machine; [] if it has none."""
    try:
        found = dns.resolver.Resolver()
    except dns.resolver.NoResolverConfiguration:
        return []
    return [(address, found.port) for address in map(str, found.nameservers) if _is_address(address)]


def ask(
    server: Where, name: str, kind: str, left: TimeLeft, recursive: bool = True, sign: Optional[Callable[[Any], None]] = None,
) -> Answer:
    """One server's answer to one question: UDP, and TCP for what does not fit. sign: puts a key to the query."""
    shown = "[{0}]:{1}".format(*server) if ":" in server[0] else "{0}:{1}".format(*server)
    try:
        owner = dns.name.from_text(name)
        query = dns.message.make_query(owner, kind, use_edns=0, payload=PAYLOAD)
        if not recursive:
            query.flags &= ~dns.flags.RD
        if sign:
            sign(query)
        response = _exchange(query, server, left)
    except (dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel, dns.name.BadEscape):
        return Answer("nxdomain", name=name, server=shown)  # no such name can exist
    except (dns.exception.Timeout, socket.timeout, EOFError, OSError):
        return Answer("silent", server=shown)
    except (dns.exception.DNSException, ValueError, IndexError):
        return Answer("broken", server=shown)
    return _read(response, owner, kind, shown)


def _exchange(query: Any, server: Where, left: TimeLeft) -> Any:
    address, port = server
    try:
        return dns.query.udp(query, address, min(left(), TRY_SECONDS), port, ignore_unexpected=True, raise_on_truncation=True)
    except dns.message.Truncated:
        return dns.query.tcp(query, address, left(), port)


def _read(response: Any, owner: Any, kind: str, server: str) -> Answer:
    code = response.rcode()
    authoritative = bool(response.flags & dns.flags.AA)
    name, aliases, ttls, rrset = _follow(response, owner, kind)
    shown = _host(name)
    if shown in aliases or len(aliases) > MAX_CHAIN:  # BIND shows the circle and calls it SERVFAIL
        return Answer("loop", (), min(ttls), shown, aliases, server, authoritative)
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return Answer({dns.rcode.SERVFAIL: "servfail", dns.rcode.REFUSED: "refused"}.get(code, "broken"), server=server)
    if rrset is not None:
        records = tuple(_value(record, kind) for record in rrset)
        return Answer("found", records, min([*ttls, rrset.ttl]), shown, aliases, server, authoritative, rrset=rrset)
    soa = next((one for one in response.authority if one.rdtype == dns.rdatatype.SOA), None)
    ttl = min(soa.ttl, soa[0].minimum) if soa else 0
    status = "nxdomain" if code == dns.rcode.NXDOMAIN else "nodata"
    return Answer(status, (), min([*ttls, ttl]), shown, aliases, server, authoritative, _host(soa.name) if soa else "")


def _follow(response: Any, owner: Any, kind: str) -> Tuple[Any, Tuple[str, ...], List[int], Any]:
    """The last name of the chain of CNAMEs, the names before it, their TTLs, and the records there or None."""
    wanted = dns.rdatatype.from_text(kind)
    name = owner
    ttls: List[int] = []
    aliases: List[str] = []
    while len(aliases) <= MAX_CHAIN and _host(name) not in aliases:
        rrset = response.get_rrset(response.answer, name, dns.rdataclass.IN, wanted)
        cname = response.get_rrset(response.answer, name, dns.rdataclass.IN, dns.rdatatype.CNAME)
        if rrset is not None or cname is None:
            return name, tuple(aliases), ttls, rrset
        aliases.append(_host(name))
        ttls.append(cname.ttl)
        name = cname[0].target
    return name, tuple(aliases), ttls, None


def _value(record: Any, kind: str) -> Any:
    if kind == "MX":
        return record.preference, _host(record.exchange)
    if kind == "TXT":
        return join(record.strings)
    if kind in ("NS", "CNAME", "PTR"):
        return _host(record.target)
    return record.to_text()


def _host(name: Any) -> str:
    text: str = name.to_text().lower()
    return text if text == "." else text.rstrip(".")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
