# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Many checks side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, List, Sequence

from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns import DnsCheck, check_dns
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ews import EwsCheck, check_ews
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap import LdapCheck, check_ldap
from ansible_collections.mimecast.connect.plugins.module_utils._probes.pop import PopCheck, check_pop
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck, check_smtp
from ansible_collections.mimecast.connect.plugins.module_utils._probes.tcp import TcpCheck, check_tcp
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict, sentence

MAX_WORKERS = 64
PROBES: Dict[type, Callable[[Any], Verdict]] = {
    SmtpCheck: check_smtp,
    TcpCheck: check_tcp,
    EwsCheck: check_ews,
    PopCheck: check_pop,
    LdapCheck: check_ldap,
    DnsCheck: check_dns,
}


def run_checks(checks: Sequence[Any], workers: int = 8) -> List[Verdict]:
    """One verdict per check, in the order of the checks, with at most `workers` (1 to MAX_WORKERS) at a time; never raises.

    The longest run takes the sum of the timeouts divided by the workers, and each check has its own time from its start.
    """
    if not checks:
        return []
    with ThreadPoolExecutor(max_workers=max(1, min(workers, len(checks), MAX_WORKERS))) as pool:
        return list(pool.map(_run_one, checks))


def _run_one(check: Any) -> Verdict:
    target = getattr(check, "target", type(check).__name__)
    try:
        return PROBES[type(check)](check)
    except Exception as exc:
        reason = f"there is no probe for {type(check).__name__}" if type(check) not in PROBES else f"{type(exc).__name__}: {exc}"
        return Verdict("unknown", "probe_error", sentence("probe_error", {"target": target, "reason": reason}))
