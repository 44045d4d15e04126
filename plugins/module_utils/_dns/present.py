# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What the authoritative servers hold now: the zone of a name, and RRsets exactly as they are. Needs dnspython."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.mimecast.connect.plugins.module_utils._dns.authority import Authority
from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import SOLID, Answer
from ansible_collections.mimecast.connect.plugins.module_utils._dns.records import Found, Mx, RRset

REASONS = {
    "silent": "does not answer",
    "refused": "refuses to answer",
    "servfail": "says that it failed (SERVFAIL)",
    "broken": "answers with something that is no DNS message of use",
    "lame": "does not hold the zone",
    "loop": "shows CNAMEs in a circle",
}


class DnsTrouble(Exception):
    """What keeps from reading or changing the DNS, as a clause for people."""


def found_of(answer: Answer, name: str, kind: str) -> Found:
    """The RRset in a solid answer, its TTL as the zone has it."""
    if answer.rrset is None:
        return Found(None, answer.name if answer.aliases else "")
    values = tuple(sorted(_value(record, kind) for record in answer.rrset))
    return Found(RRset(name, kind, answer.rrset.ttl, values), answer.name if answer.aliases else "")


def reason_of(answer: Answer) -> str:
    """Why an answer is of no use."""
    return REASONS.get(answer.status, "answers {0}".format(answer.status))


class Published:
    """The state that all reachable authoritative servers of a zone agree on."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def zone_of(self, name: str) -> str:
        """The zone that a name is in."""
        zone = self._authority.zone_of(name)
        if zone is None:
            answer = self._authority.asked_for_zone(name)
            if answer.status in ("silent", "refused", "broken"):
                raise DnsTrouble("the resolver {0} {1}: check its address, and that the firewall lets this machine reach it".format(
                    answer.server or "of this machine", reason_of(answer)))
            raise DnsTrouble("the resolver finds no zone for {0}".format(name))
        return zone.name

    def read(self, name: str, kind: str) -> Found:
        """One RRset. Servers that differ are trouble: what one of them lacks would be lost."""
        answers = self._authority.ask(name, kind)
        solid = {server: answer for server, answer in answers.items() if answer.status in SOLID and answer.status != "loop"}
        if not solid:
            reasons = "; ".join("{0} {1}".format(server, reason_of(answer)) for server, answer in sorted(answers.items()))
            raise DnsTrouble("no authoritative server tells {0} {1}: {2}".format(name, kind, reasons or "the zone has no server"))
        said: Dict[Any, str] = {found_of(answer, name, kind): server for server, answer in solid.items()}
        if len(said) > 1:
            raise DnsTrouble("its servers {0} differ in {1} {2}: wait until they agree".format(" and ".join(sorted(said.values())), name, kind))
        return next(iter(said))


def _value(record: Any, kind: str) -> Any:
    if kind == "MX":
        host = record.exchange.to_text().lower()
        return Mx(record.preference, host if host == "." else host.rstrip("."))
    return tuple(record.strings) if kind == "TXT" else record.to_text().lower().rstrip(".")
