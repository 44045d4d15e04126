# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The SPF record: exactly one, with the region's include, and such that receivers can evaluate it."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._data.regions import GLOBAL_SPF_INCLUDE, GLOBAL_SPF_REGIONS, REGIONS
from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import Answer
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import Record, is_spf, parse
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf_evaluate import Evaluation, Problem
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_findings import Finding, finding, unanswered
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable

BY_PROBLEM = {
    "lookups": "spf_lookups",
    "voids": "spf_voids",
    "mx_hosts": "spf_mx_hosts",
    "loop": "spf_loop",
    "syntax": "spf_invalid",
    "no_record": "spf_include_broken",
    "several_records": "spf_include_broken",
    "unresolved": "spf_unresolved",
}
OTHERS = {region.spf_include: region.code for region in REGIONS.values() if region.spf_include}
SOURCES_SHOWN = 200


class SpfWish(NamedTuple):
    """include: the domain whose include must be there, None if any will do; unknown_region: the one whose include is unknown."""

    domain: str
    include: Optional[str]
    unknown_region: Optional[str]


def judge_spf(answer: Answer, wish: SpfWish, evaluated_of: Callable[[str], Evaluation]) -> List[Finding]:
    """Findings on the SPF records among the TXT records of one answer; ``evaluated_of`` says what a record's text leads to."""
    if answer.status == "nxdomain":
        return [finding("failed", "domain_not_found")]
    if answer.status not in ("found", "nodata"):
        return unanswered(answer, wish.domain, "TXT")
    texts = [text for text in answer.records if is_spf(text)]
    if not texts:
        return [finding("failed", "spf_missing", wanted="v=spf1 include:{0} ~all".format(wish.include) if wish.include else "one")]
    if len(texts) > 1:
        return [finding("failed", "spf_multiple", count=len(texts))]
    record, evaluated = parse(texts[0]), evaluated_of(texts[0])
    found = [_problem(problem) for problem in evaluated.problems] + _include(record, evaluated, wish) + _manners(record, evaluated)
    if wish.unknown_region:
        found.append(finding("unknown", "spf_include_unknown", region=wish.unknown_region))
    include = "include:{0} ".format(wish.include) if wish.include else ""
    return found or [finding("ok", "ok_spf", include=include, lookups=evaluated.lookups)]


def evidence_of(found: Evaluation) -> Dict[str, Any]:
    """What a record comes to, as a report shows it."""
    rows = [{"network": str(source.network), "path": _printable(source.path)} for source in found.sources[:SOURCES_SHOWN]]
    return {
        "lookups": found.lookups,
        "voids": found.voids,
        "includes": _printable(found.includes),
        "end": found.end,
        "networks": rows,
        "opaque": _printable(found.opaque),
    }


def _printable(texts: Iterable[str]) -> List[str]:
    return [printable(text, 260) for text in texts]


def _problem(problem: Problem) -> Finding:
    verdict = "unknown" if problem.code == "unresolved" else "failed"
    return finding(verdict, BY_PROBLEM[problem.code], where=problem.where, reason=problem.detail)


def _include(record: Record, evaluated: Evaluation, wish: SpfWish) -> List[Finding]:
    if not wish.include:
        return []
    named = {term.domain for term in record.active if term.name == "include" and term.qualifier == "+"}
    regions = ", ".join(GLOBAL_SPF_REGIONS)
    if wish.include in named:
        return []
    if wish.include in evaluated.includes:
        if GLOBAL_SPF_INCLUDE not in named:
            return []
        return [finding("degraded", "spf_global_include", found=GLOBAL_SPF_INCLUDE, regions=regions, include=wish.include)]
    if any(problem.code == "unresolved" for problem in evaluated.problems):
        return []
    if GLOBAL_SPF_INCLUDE in evaluated.includes:
        return [finding("failed", "spf_global_misses", found=GLOBAL_SPF_INCLUDE, regions=regions, include=wish.include)]
    other = next((OTHERS[domain] for domain in evaluated.includes if domain in OTHERS), None)
    if other:
        return [finding("failed", "spf_other_region", region=other, include=wish.include)]
    return [finding("failed", "spf_include_missing", include=wish.include)]


def _manners(record: Record, evaluated: Evaluation) -> List[Finding]:
    found = []
    if evaluated.end == "+":
        found.append(finding("failed", "spf_allows_all"))
    dead = [term.text for term in record.terms[record.terms.index(record.all) + 1:] if term.kind == "mechanism"] if record.all else []
    if dead:
        found.append(finding("degraded", "spf_after_all", reason=" ".join(dead)))
    if not record.all and not record.redirect:
        found.append(finding("degraded", "spf_no_all"))
    if any(term.name == "ptr" for term in record.active):
        found.append(finding("degraded", "spf_ptr"))
    return found
