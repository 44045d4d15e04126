# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""MX records: are they the service's hosts and nobody else's, and could a sender use them?"""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import REGIONS
from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import NEGATIVE, Answer, Resolver
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_findings import Finding, finding, listed, unanswered
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import is_address

MAX_HOSTS = 20
SMART_HOSTS = frozenset(host for region in REGIONS.values() for host in region.smart_hosts)
INBOUND = {host: region.code for region in REGIONS.values() for host in region.mx_hosts}
NO_MAIL = "."


class MxWish(NamedTuple):
    """hosts: who alone should be there, () if that is not known; old: who must be gone; region: whose hosts are unknown."""

    domain: str
    hosts: Tuple[str, ...]
    old: Tuple[str, ...]
    unknown_region: Optional[str]

    @property
    def wanted(self) -> str:
        return listed(self.hosts) or "those that the account shows"


def judge_mx(answer: Answer, wish: MxWish, resolver: Resolver) -> List[Finding]:
    """Findings on the MX records of one answer; the addresses of hosts come from the resolver."""
    if answer.status == "nxdomain":
        return [finding("failed", "domain_not_found")]
    if answer.status == "nodata":
        return [finding("failed", "mx_missing", wanted=wish.wanted)]
    if answer.status != "found":
        return unanswered(answer, wish.domain, "MX")
    records = answer.values
    hosts = [host for _preference, host in records]
    if NO_MAIL in hosts:
        return [finding("failed", "mx_null", wanted=wish.wanted)]
    found = _whose(hosts, wish) + _preferences(records, wish) + _usable(hosts, resolver)
    if wish.unknown_region:
        found.append(finding("unknown", "mx_hosts_unknown", region=wish.unknown_region, hosts=listed(hosts)))
    return found or [finding("ok", "ok_mx", hosts=listed(hosts))]


def _whose(hosts: Sequence[str], wish: MxWish) -> List[Finding]:
    found = []
    old = [host for host in hosts if host in wish.old]
    if old:
        found.append(finding("failed", "mx_old", hosts=listed(old)))
    if not wish.hosts:
        return found
    missing = [host for host in wish.hosts if host not in hosts]
    strangers = [host for host in hosts if host not in wish.hosts and host not in wish.old]
    smart = [host for host in strangers if host in SMART_HOSTS]
    if smart:
        found.append(finding("failed", "mx_smart_host", hosts=listed(smart), wanted=wish.wanted))
    others = [host for host in strangers if host in INBOUND]
    if others:
        found.append(finding("failed", "mx_other_region", hosts=listed(others), region=INBOUND[others[0]], wanted=wish.wanted))
    foreign = [host for host in strangers if host not in SMART_HOSTS and host not in INBOUND]
    if len(missing) == len(wish.hosts):
        if not smart and not others:
            found.append(finding("failed", "mx_not_service", wanted=wish.wanted))
    else:
        if foreign:
            found.append(finding("failed", "mx_foreign", hosts=listed(foreign)))
        if missing:
            found.append(finding("degraded", "mx_incomplete", missing=listed(missing)))
    return found


def _preferences(records: Sequence[Tuple[int, str]], wish: MxWish) -> List[Finding]:
    ours = [(preference, host) for preference, host in records if host in wish.hosts]
    if len({preference for preference, _host in ours}) < 2:
        return []
    return [finding("degraded", "mx_preference_unequal", hosts=listed("{1} {0}".format(*record) for record in ours))]


def _usable(hosts: Sequence[str], resolver: Resolver) -> List[Finding]:
    found: List[Finding] = []
    literal = [host for host in hosts if is_address(host)]
    if literal:
        found.append(finding("failed", "mx_is_address", hosts=listed(literal)))
    dead, aliases = [], []
    for host in [host for host in hosts if host not in literal][:MAX_HOSTS]:
        answers = resolver.addresses(host)
        if any(answer.aliases for answer in answers):
            aliases.append(host)
        if all(answer.status in NEGATIVE for answer in answers):
            dead.append(host)
        elif not any(answer.status == "found" for answer in answers):
            found += next(filter(None, (unanswered(answer, host, "A") for answer in answers)))
    if dead:
        found.append(finding("failed", "mx_no_address", hosts=listed(dead)))
    if aliases:
        found.append(finding("degraded", "mx_alias", hosts=listed(aliases)))
    return found
