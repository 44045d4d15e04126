# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What the parts of the dns probe share: a finding before it is a verdict, and answers that say nothing."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, NamedTuple

from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import SOLID, Answer
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable

STATUS_WORDS = {"servfail": "SERVFAIL", "refused": "REFUSED", "silent": "no answer in time", "broken": "garbage"}


class Finding(NamedTuple):
    """A verdict, its code, and the facts for the code's sentence."""

    verdict: str
    code: str
    facts: Dict[str, Any]


def finding(verdict: str, code: str, **facts: Any) -> Finding:
    """A finding whose texts are fit for a report, since most of them come from strangers."""
    return Finding(verdict, code, {name: printable(value, 400) if isinstance(value, str) else value for name, value in facts.items()})


def listed(words: Iterable[str]) -> str:
    """Words for a sentence: `a`, `a and b`, `a, b and c`."""
    found = [printable(word, 80) for word in words]
    shown = found if len(found) <= 6 else found[:5] + ["{0} more".format(len(found) - 5)]
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part) if shown else ""


def unanswered(answer: Answer, name: str, kind: str) -> List[Finding]:
    """Findings on an answer that tells nothing of the name's records; [] for one that does."""
    if answer.status == "loop":
        return [finding("failed", "dns_loop", name=name, reason=" > ".join((*answer.aliases, answer.name)))]
    if answer.status not in SOLID:
        return [finding("unknown", "dns_unresolved", name=name, kind=kind, reason=STATUS_WORDS.get(answer.status, answer.status), resolver=answer.server)]
    return []
