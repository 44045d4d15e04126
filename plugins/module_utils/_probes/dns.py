# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Does the DNS of a domain say what Connect needs, at its authoritative servers and at a resolver?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._dns.authority import Authority
from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import PORT, SOLID, Answer, Resolver, Where, system_servers
from ansible_collections.mimecast.connect.plugins.module_utils._probes import net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_findings import STATUS_WORDS, Finding, finding, listed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_parts import Part, parts_of
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure, timed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.probe import Probe, judge
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import SEVERITY, Verdict

RECORDS_SHOWN = 20
USELESS = {"silent": "resolver_silent", "refused": "resolver_refused", "broken": "resolver_broken"}


@dataclass(frozen=True)
class DnsCheck:
    """What to look for in the DNS of one domain.

    region: code of a region or account code, which brings mx_hosts and spf_include where they are published.
    mx_hosts: who alone should get the mail; old_mx: hosts that must be gone; spf_include: the domain to include.
    verification_token, dkim_selector, dkim_record: as the service shows them; dmarc: whether there must be a DMARC record.
    records: the parts to look at (see dns_parts.PARTS); without it those that values are given for.
    resolver: `address` or `address:port` instead of the system's; authoritative: whether the zone's servers are asked as well;
    nameservers: addresses of those servers by host name, where they are not those in the DNS.
    timeout: seconds for the whole check.
    """

    domain: str
    region: Optional[str] = None
    mx_hosts: Sequence[str] = ()
    old_mx: Sequence[str] = ()
    spf_include: Optional[str] = None
    verification_token: Optional[str] = None
    dkim_selector: Optional[str] = None
    dkim_record: Optional[str] = None
    dmarc: bool = False
    records: Sequence[str] = ()
    resolver: Optional[str] = None
    authoritative: bool = True
    nameservers: Optional[Mapping[str, str]] = None
    timeout: float = 10.0

    @property
    def target(self) -> str:
        """The domain as it appears in messages."""
        return printable(str(self.domain), 260)


def check_dns(check: DnsCheck) -> Verdict:
    """The verdict on one domain, within check.timeout; never raises. Needs dnspython.

    evidence: target, resolver, answers by part (at the resolver and at each authoritative server), spf, timings_ms.
    """
    return judge(_DnsProbe, check)


class _DnsProbe(Probe):
    def run(self) -> None:
        check = self._check
        if not 0 < check.timeout < float("inf"):
            raise ProbeFailure("check_invalid", reason="timeout is a positive number of seconds")
        deadline = net.Deadline(check.timeout)
        domain = net.to_alabel(check.domain)
        servers = [_where(check.resolver)] if check.resolver else system_servers()
        known = {net.to_alabel(host): _where(address) for host, address in (check.nameservers or {}).items()}
        self._resolver = Resolver(servers, deadline.left)
        self._authority = Authority(domain, self._resolver, known, deadline.left) if check.authoritative else None
        self._shown = check.resolver or ", ".join(net.join_address(*server) for server in servers)
        self._unusable: Dict[str, str] = {}
        self._alone = self._answered = False
        self._said: Set[Tuple[str, str]] = set()
        parts = parts_of(check, domain, self._resolver)
        self._evidence.update(resolver=self._shown, answers={})
        if not servers:
            return self.find("unknown", "resolver_missing")
        for part in parts:
            with timed(self._timings, part.name):
                if not self._look(part):
                    return None
        self._judge_servers()
        if all(found.verdict == "ok" for found in self._findings):
            self.find("ok", "ok_dns", parts=", ".join(part.name for part in parts))
        return None

    def _look(self, part: Part) -> bool:
        """Judge one part; False when the resolver is of no use for any other either."""
        seen = self._resolver.ask(part.owner, part.kind)
        if seen.status in USELESS and not self._answered:
            self.find("unknown", USELESS[seen.status], resolver=self._shown)
            return False
        self._answered = True
        answers = self._authority.ask(part.owner, part.kind) if self._authority else {}
        self._note(part, seen, answers)
        usable = {server: answer for server, answer in answers.items() if answer.status in SOLID}
        self._unusable.update({server: answer.status for server, answer in answers.items() if server not in usable})
        if usable:
            self._both(part, seen, usable)
        else:
            self._alone = True
            self._report(part.judge(_picked(part, seen)) if seen.status in SOLID else [self._failing(part, seen)])
        return True

    def _both(self, part: Part, seen: Answer, usable: Dict[str, Answer]) -> None:
        """What the authoritative servers say counts; the resolver may only be late."""
        said: Dict[Any, List[str]] = {}
        for server, answer in usable.items():
            said.setdefault(_essence(part, answer), []).append(server)
        judged = {key: part.judge(_picked(part, usable[servers[0]])) for key, servers in said.items()}
        right = [key for key in said if not _is_failed(judged[key])]
        best = max(right or list(said), key=lambda key: len(said[key]))
        self._report(judged[best])
        if len(said) > 1:
            behind = listed(server for key, servers in said.items() if key != best for server in servers)
            self._report([finding("degraded", "nameservers_disagree", name=part.owner, kind=part.kind, servers=behind)])
        if right and seen.status not in SOLID:
            servfail = finding("failed", "dns_servfail", name=part.owner, kind=part.kind, resolver=self._shown)
            self._report([servfail if seen.status == "servfail" else self._failing(part, seen)])
        elif right and _essence(part, seen) not in right and _is_failed(part.judge(_picked(part, seen))):
            facts = {"name": part.owner, "kind": part.kind, "resolver": self._shown, "seconds": seen.ttl}
            self._report([finding("degraded", "dns_cached", **facts)])

    def _failing(self, part: Part, seen: Answer) -> Finding:
        reason = STATUS_WORDS[seen.status]
        return finding("unknown", "dns_unresolved", name=part.owner, kind=part.kind, reason=reason, resolver=self._shown)

    def _judge_servers(self) -> None:
        if self._authority and self._alone:
            reason = "{0}: no answer".format(listed(self._unusable)) if self._unusable else "its NS records are not found"
            self.find("degraded", "nameservers_silent", reason=reason)
            return
        silent = [server for server, status in self._unusable.items() if status == "silent"]
        lame = [server for server in self._unusable if server not in silent]
        if silent:
            self.find("degraded", "nameserver_silent", servers=listed(silent))
        if lame:
            self.find("degraded", "nameserver_lame", servers=listed(lame))

    def _report(self, findings: Sequence[Finding]) -> None:
        for verdict, code, facts in findings:
            about = (code, repr(sorted(facts.items())))
            if about not in self._said:
                self._said.add(about)
                self.find(verdict, code, **facts)

    def _note(self, part: Part, seen: Answer, answers: Mapping[str, Answer]) -> None:
        self._evidence["answers"][part.name] = {
            "name": part.owner,
            "type": part.kind,
            "resolver": _shown(_picked(part, seen)),
            "authoritative": {printable(server, 260): _shown(_picked(part, answer)) for server, answer in answers.items()},
        }
        views = [_picked(part, answer) for answer in (*answers.values(), seen)]
        record = next((view.records[0] for view in views if len(view.records) == 1), None)
        if part.evidence and record:
            self._evidence[part.name] = part.evidence(record)


def _where(address: str) -> Where:
    host, port = net.split_address(address, PORT)
    if not net.is_address(host):
        raise ProbeFailure("check_invalid", reason="'{0}' is no address of a DNS server".format(printable(address, 100)))
    return host, port


def _picked(part: Part, answer: Answer) -> Answer:
    """The answer with only the records that the part is about."""
    return replace(answer, records=tuple(record for record in answer.records if part.pick(record)))


def _essence(part: Part, answer: Answer) -> Any:
    """What must be equal for two answers to say the same."""
    return answer.status, _picked(part, answer).values


def _is_failed(findings: Sequence[Finding]) -> bool:
    return any(SEVERITY[one.verdict] >= SEVERITY["failed"] for one in findings)


def _shown(answer: Answer) -> Dict[str, Any]:
    records = ["{0} {1}".format(*record) if isinstance(record, tuple) else record for record in answer.records[:RECORDS_SHOWN]]
    return {"status": answer.status, "ttl": answer.ttl, "records": [printable(record, 500) for record in sorted(records)]}
