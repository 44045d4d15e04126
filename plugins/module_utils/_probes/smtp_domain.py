# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The probe of a domain: each of its mail servers in the order of preference. The worst of them is the verdict."""

from __future__ import annotations

import math
import socket
from dataclasses import replace
from functools import partial
from typing import Any, Dict, List, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import NEGATIVE, PORT, Answer, Resolver, Where, system_servers
from ansible_collections.mimecast.connect.plugins.module_utils._probes import net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_findings import listed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure, timed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.probe import Probe, judge
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp_probe import SmtpProbe, validate
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable

MAX_HOSTS = 20
NO_MAIL = "."  # the exchange of a null MX (RFC 7505)
UNUSABLE = {"silent": "resolver_silent", "refused": "resolver_refused", "broken": "resolver_broken"}


class DomainProbe(Probe):
    """Looks up the MX, or the domain itself where there is none (RFC 5321 5.1), and checks every host."""

    def run(self) -> None:
        check = self._check
        if check.host or check.address:
            raise ProbeFailure("check_invalid", reason="give domain, or host with or without address, but not both")
        if not (math.isfinite(check.timeout) and check.timeout > 0):
            raise ProbeFailure("check_invalid", reason="timeout is a positive number of seconds")
        validate(check)
        self._deadline = net.Deadline(check.timeout)
        servers = [_where(check.resolver)] if check.resolver else system_servers()
        if not servers:
            raise ProbeFailure("resolver_missing")
        shown = ", ".join(net.join_address(*server) for server in servers)
        resolver = Resolver(servers, self._deadline.left)
        with timed(self._timings, "mx"):
            records = self._records(net.to_alabel(check.domain), resolver, shown)
        self._check_hosts(records, resolver)

    def _records(self, domain: str, resolver: Resolver, shown: str) -> List[Tuple[int, str]]:
        """(preference, host) pairs, the best first and each host once."""
        answer = resolver.ask(domain, "MX")
        if answer.status == "nxdomain":
            raise ProbeFailure("domain_not_found")
        if answer.status in UNUSABLE:
            raise ProbeFailure(UNUSABLE[answer.status], resolver=shown)
        self._evidence["implicit_mx"] = answer.status == "nodata"
        if answer.status == "nodata":
            return [(0, domain)]
        if answer.status != "found":
            raise _unresolved(answer, domain, "MX")
        best = {host: preference for preference, host in sorted(answer.records, reverse=True) if host != NO_MAIL}
        if not best:
            raise ProbeFailure("takes_no_mail")
        self._evidence["mx_total"] = len(best)
        return sorted((preference, host) for host, preference in best.items())

    def _check_hosts(self, records: List[Tuple[int, str]], resolver: Resolver) -> None:
        """One after the other, so that a check has one socket at a time; the time left is shared out among the hosts."""
        chosen = records[:MAX_HOSTS]
        rows: List[Dict[str, Any]] = []
        self._evidence["servers"] = rows
        for index, (preference, host) in enumerate(chosen):
            try:
                seconds = self._deadline.left() / (len(chosen) - index)
            except socket.timeout:
                count = len(chosen) - index
                self.find("unknown", "mx_unchecked", count=count, reason="there was no time left", advice="raise timeout")
                break
            verdict = judge(partial(_MxProbe, resolver), replace(self._check, host=host, timeout=seconds))
            self._findings.append(verdict)
            rows.append({"host": printable(host, 260), "preference": preference, **verdict.as_dict()})
        if len(records) > MAX_HOSTS:
            self.find("degraded", "mx_unchecked", count=len(records) - MAX_HOSTS, reason=f"a check looks at {MAX_HOSTS}", advice="publish fewer")
        if len(rows) > 1:
            self.find("ok", "ok_domain", hosts=listed(row["host"] for row in rows))


class _MxProbe(SmtpProbe):
    """A host that an MX record names, whose addresses come from the same resolver."""

    def __init__(self, resolver: Resolver, check: Any) -> None:
        super().__init__(check)
        self._resolver = resolver

    def look_up(self, host: str, port: int) -> List[Tuple[int, Any]]:
        domain = printable(str(self._check.domain), 260)
        if net.is_address(host):
            raise ProbeFailure("mx_is_address", target=domain, hosts=host)
        answers = self._resolver.addresses(host)
        found = [net.socket_address(address, port) for answer in answers for address in answer.records]
        if found:
            return found[: net.MAX_ADDRESSES]
        for answer, kind in zip(answers, ("A", "AAAA")):
            if answer.status not in NEGATIVE:
                raise _unresolved(answer, host, kind)
        if host == net.to_alabel(self._check.domain):
            raise ProbeFailure("no_mail_server", target=domain)
        raise ProbeFailure("mx_no_address", target=domain, hosts=host)


def _unresolved(answer: Answer, name: str, kind: str) -> ProbeFailure:
    if answer.status == "loop":
        return ProbeFailure("dns_loop", name=name, reason=printable(" > ".join((*answer.aliases, answer.name)), 400))
    return ProbeFailure("dns_unresolved", name=name, kind=kind, reason=answer.status, resolver=answer.server)


def _where(address: str) -> Where:
    host, port = net.split_address(address, PORT)
    if not net.is_address(host):
        raise ProbeFailure("check_invalid", reason=f"'{printable(address, 100)}' is no address of a DNS server")
    return host, port
