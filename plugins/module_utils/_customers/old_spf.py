# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""For how long receivers may keep SPF records that a run changes, and refuse what the service sends meanwhile. Pure."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf import is_spf

SHOWN = 3


def old_spf(records: dict[str, Any], check_mode: bool, now: datetime.datetime) -> dict[str, Any]:
    """seconds: the largest TTL of SPF records that are there and change, 0 if there are none; domains: whose they are, and why: what to wait for
    ('' if nothing).

    records: what mail_dns_records returned or foretold. Where records are handed over nobody knows when they change.
    """
    ttls = {} if "pending" in records else {
        change["name"]: int(change["before"]["ttl"])
        for zone in records.get("zones") or [] for change in zone["changes"]
        if any(is_spf(text) for text in change["before"].get("records", []))}
    seconds = max(ttls.values(), default=0)
    domains = sorted(ttls, key=lambda name: (-ttls[name], name)) if seconds else []
    return {"seconds": seconds, "domains": domains, "why": _why(domains, seconds, check_mode, now) if domains else ""}


def _why(domains: list[str], seconds: int, check_mode: bool, now: datetime.datetime) -> str:
    names = ", ".join(domains[:SHOWN]) + (" and {0} more".format(len(domains) - SHOWN) if len(domains) > SHOWN else "")
    if check_mode:
        return ("The mail servers would be left alone for {0} seconds after the change of SPF, for which receivers may keep the old record of {1} and refuse "
                "the mail; a run after that would change them".format(seconds, names))
    until = now + datetime.timedelta(seconds=seconds + 60)  # the minute that has begun by then is over
    return ("The mail servers are left alone until {0:%Y-%m-%d %H:%M} UTC, because until then receivers may keep the old SPF record of {1} and refuse the "
            "mail; run it again after that".format(until, names))
