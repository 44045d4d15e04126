# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The parts that a dns check consists of: which question each asks, which records it looks at, and who judges them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import Region, region_of
from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import Answer, Resolver
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import is_spf
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf_evaluate import Evaluation, evaluate
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_findings import Finding
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_mx import MxWish, judge_mx
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_spf import SpfWish, evidence_of, judge_spf
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_txt import (
    judge_dkim,
    judge_dmarc,
    judge_verification,
    looks_like_dkim,
    looks_like_dmarc,
    read_key,
)
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure, to_alabel

PARTS = ("mx", "spf", "verification", "dkim", "dmarc")


class Part(NamedTuple):
    """owner, kind: the question; pick: whether a record of the answer belongs to the part; judge: findings on such an answer;

    evidence: more than the answers themselves, from a record.
    """

    name: str
    owner: str
    kind: str
    pick: Callable[[Any], bool]
    judge: Callable[[Answer], List[Finding]]
    evidence: Optional[Callable[[Any], Dict[str, Any]]] = None


def parts_of(check: Any, domain: str, resolver: Resolver) -> List[Part]:
    """The parts of a DnsCheck in the order of PARTS; ProbeFailure check_invalid if it does not say enough for them."""
    region = _region(check.region)
    wanted = _wanted(check)
    for part, option in (("verification", "verification_token"), ("dkim", "dkim_selector")):
        if part in wanted and not (getattr(check, option) or "").strip():
            raise ProbeFailure("check_invalid", reason="{0} needs {1}".format(part, option))
    makers: Dict[str, Callable[[], Part]] = {
        "mx": lambda: _mx(check, domain, region, resolver),
        "spf": lambda: _spf(check, domain, region, resolver),
        "verification": lambda: _verification(check.verification_token.strip(), domain, resolver),
        "dkim": lambda: _dkim(check, domain),
        "dmarc": lambda: Part("dmarc", "_dmarc." + domain, "TXT", looks_like_dmarc, lambda answer: judge_dmarc(answer, domain, resolver)),
    }
    return [makers[name]() for name in PARTS if name in wanted]


def _wanted(check: Any) -> List[str]:
    given = {
        "mx": check.region or check.mx_hosts or check.old_mx,
        "spf": check.region or check.spf_include,
        "verification": check.verification_token,
        "dkim": check.dkim_selector or check.dkim_record,
        "dmarc": check.dmarc,
    }
    wanted = list(check.records) or [name for name in PARTS if given[name]]
    unknown = [name for name in wanted if name not in PARTS]
    if unknown or not wanted:
        raise ProbeFailure("check_invalid", reason="give region or other values to look for, or records ({0})".format(", ".join(PARTS)))
    return wanted


def _region(text: Optional[str]) -> Optional[Region]:
    try:
        return region_of(text) if text else None
    except ValueError as error:
        raise ProbeFailure("check_invalid", reason=str(error)) from error


def _mx(check: Any, domain: str, region: Optional[Region], resolver: Resolver) -> Part:
    hosts = tuple(map(to_alabel, check.mx_hosts)) or (region.mx_hosts if region else ())
    unknown = region.code if region and not hosts else None
    wish = MxWish(domain, hosts, tuple(map(to_alabel, check.old_mx)), unknown)
    return Part("mx", domain, "MX", bool, lambda answer: judge_mx(answer, wish, resolver))


def _spf(check: Any, domain: str, region: Optional[Region], resolver: Resolver) -> Part:
    include = to_alabel(check.spf_include) if check.spf_include else region.spf_include if region else None
    wish = SpfWish(domain, include, region.code if region and not include else None)

    @lru_cache(maxsize=8)  # the servers' answers are mostly the same
    def evaluated(text: str) -> Evaluation:
        return evaluate(domain, resolver.ask, text)

    return Part("spf", domain, "TXT", is_spf, lambda answer: judge_spf(answer, wish, evaluated), lambda text: evidence_of(evaluated(text)))


def _verification(token: str, domain: str, resolver: Resolver) -> Part:
    return Part("verification", domain, "TXT", lambda text: token in text, lambda answer: judge_verification(answer, domain, token, resolver))


def _dkim(check: Any, domain: str) -> Part:
    if check.dkim_record:
        try:
            read_key(check.dkim_record)
        except ValueError as error:
            raise ProbeFailure("check_invalid", reason="dkim_record: {0}".format(error)) from error
    name = "{0}._domainkey.{1}".format(to_alabel(check.dkim_selector), domain)
    return Part("dkim", name, "TXT", looks_like_dkim, lambda answer: judge_dkim(answer, name, check.dkim_record))
