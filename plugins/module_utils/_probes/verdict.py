# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a probe answers: a value that says how it stands, in one word, one code and one sentence."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, Mapping

from ansible_collections.mimecast.connect.plugins.module_utils._probes.codes import dns, ews, ldap, message, pop, shared, smtp, tcp

PARTS = (shared, smtp, message, tcp, ews, pop, ldap, dns)

SEVERITY = {"ok": 0, "degraded": 1, "unknown": 2, "failed": 3}

# Every code that a probe may answer, with its sentence: what is wrong, and what to do. Codes are stable; playbooks
# compare them. {target} is what was checked.
CODES: Dict[str, str] = {code: text for part in PARTS for code, text in part.CODES.items()}


@dataclass(frozen=True)
class Verdict:
    """verdict is ok, degraded, failed or unknown; code a key of CODES; message one sentence; evidence plain JSON data."""

    verdict: str
    code: str
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.verdict not in SEVERITY:
            raise ValueError(f"{self.verdict!r} is no verdict; expected one of {', '.join(SEVERITY)}")
        if self.code not in CODES:
            raise ValueError(f"{self.code!r} is no code of a verdict; add it to CODES")

    def as_dict(self) -> Dict[str, Any]:
        """A copy in plain types, as it is returned by a module."""
        return {
            "verdict": self.verdict,
            "code": self.code,
            "message": self.message,
            "evidence": copy.deepcopy(dict(self.evidence)),
        }


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """The sentence of a code; a fact that is missing shows as a dash rather than raising."""
    return CODES[code].format_map(_Facts(facts))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of the verdicts, the first of equals: failed, then unknown, degraded, ok."""
    gravest = max(verdicts, key=lambda verdict: SEVERITY[verdict.verdict], default=None)
    return gravest or Verdict("unknown", "nothing_checked", CODES["nothing_checked"])


class _Facts(Dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "-"
