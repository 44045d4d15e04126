# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The authoritative servers of a zone, found by its NS records and each asked directly, side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Dict, List, Mapping, Optional, Set, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import (
    NEGATIVE,
    PORT,
    SOLID,
    Answer,
    Resolver,
    TimeLeft,
    Where,
    ask,
)

MAX_SERVERS = 8


@dataclass(frozen=True)
class Zone:
    """A zone and its servers: host name -> address, or None for one that has no address."""

    name: str
    servers: Mapping[str, Optional[Where]]


class Authority:
    """Authoritative answers, with the zones that questions fall into found on the way.

    domain: where names below it are looked for when the resolver fails for them; known: addresses of servers by host name,
    which outweigh what the DNS says.
    """

    def __init__(self, domain: str, resolver: Resolver, known: Mapping[str, Where], left: TimeLeft) -> None:
        self._domain, self._resolver, self._known, self._left = domain, resolver, known, left
        self._zones: Dict[str, Optional[Zone]] = {}
        self._dead: Set[Where] = set()  # silent once, and not waited for again

    def zone_of(self, name: str) -> Optional[Zone]:
        """The zone that a name is in; None if the resolver cannot tell."""
        if name not in self._zones:
            self._zones[name] = self._find(name)
        return self._zones[name]

    def asked_for_zone(self, name: str) -> Answer:
        """What the resolver said when it was asked for the zone of a name."""
        return self._resolver.ask(name, "NS")

    def ask(self, name: str, kind: str) -> Dict[str, Answer]:
        """By server of the name's zone what it answers; {} where the zone is not found."""
        zone = self.zone_of(name)
        if zone is None or not zone.servers:
            return {}
        with ThreadPoolExecutor(len(zone.servers)) as pool:
            answers = list(pool.map(lambda where: self._ask_one(where, name, kind), zone.servers.values()))
        return dict(zip(zone.servers, answers))

    def _ask_one(self, where: Optional[Where], name: str, kind: str) -> Answer:
        if where is None or where in self._dead:
            return Answer("silent")
        for _try in range(2):
            answer = ask(where, name, kind, self._left, recursive=False)
            if answer.status != "silent":
                break
        else:
            self._dead.add(where)
        if answer.status in SOLID and not answer.authoritative:
            return replace(answer, status="lame", records=())
        return self._elsewhere(answer, name, kind)

    def _elsewhere(self, answer: Answer, name: str, kind: str) -> Answer:
        """A CNAME that leads out of the zone leaves the answer to the resolver, which knows the way."""
        if answer.status not in NEGATIVE or not answer.aliases or answer.zone:
            return answer
        further = self._resolver.ask(answer.name, kind)
        if name in further.aliases:
            return replace(answer, status="loop")
        return replace(further, aliases=answer.aliases + further.aliases, ttl=min(answer.ttl, further.ttl), authoritative=True)

    def _find(self, name: str) -> Optional[Zone]:
        answer = self.asked_for_zone(name)
        if answer.status in ("nodata", "nxdomain", "loop") and (answer.zone or answer.aliases):
            # The SOA record of a negative answer names the zone, except behind a CNAME, where it is that of the target.
            above = answer.zone if not answer.aliases else name.partition(".")[2]
            return self.zone_of(above) if _is_above(above, name) else None
        if answer.status != "found":
            return self.zone_of(self._domain) if name.endswith("." + self._domain) else None
        if answer.aliases:
            return self.zone_of(name.partition(".")[2]) if "." in name else None
        hosts: List[str] = sorted(answer.records)[:MAX_SERVERS]
        return Zone(name, {host: self._address(host) for host in hosts})

    def _address(self, host: str) -> Optional[Where]:
        if host in self._known:
            return self._known[host]
        for answer in self._resolver.addresses(host):
            if answer.status == "found":
                found: Tuple[str, int] = (answer.records[0], PORT)
                return found
        return None


def _is_above(zone: str, name: str) -> bool:
    """Whether a name can be in a zone other than its own; a server that names any other would lead in circles."""
    return zone != name and (zone == "." or bool(zone) and name.endswith("." + zone))
