# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a lock-down asks of firewalls, and which strangers nobody has accepted. Pure: the firewalls were read before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ansible_collections.mimecast.connect.plugins.module_utils._ranges.parse import RangesError, networks_of, read, shown
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.record import day_of
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.sets import Spans, merge, netaddr

NEEDED = ("range", "reason", "by", "until")
SHOWN = 10


class Accepted(NamedTuple):
    """Strangers whom somebody knows. allow: they are let in; otherwise it is accepted that they are shut out."""

    range: str
    networks: list[netaddr.IPNetwork]
    by: str
    until: str
    allow: bool


def plan(wanted: dict[str, Any], firewalls: list[dict[str, Any]], enforce: bool, today: str) -> dict[str, Any]:
    """services: as firewall_allowlist takes them; watching: those to lock down, as they observe; products: for
    firewalls that cannot watch without letting in, where others observe they are open; locks: firewalls that shut nobody out yet;
    problems: sentences, why services must not be enforced; strangers: whom nobody accepted.

    wanted: services (to lock down) and opened, each with name and ports; ranges; accepted. firewalls: results of firewall_allowlist_info, each
    with the name of its firewall as item.
    """
    entries = [_entry(number, one) for number, one in enumerate(wanted["accepted"], 1)]
    ranges = read((("ranges, entry {0}".format(number), text) for number, text in enumerate(wanted["ranges"], 1)), sources=False).networks
    if not ranges:
        raise RangesError("ranges is empty, so nobody would get in: give what the lookup mimecast.connect.ranges returns")
    sources = merge([*ranges, *(network for one in entries if one.allow for network in one.networks)])
    texts = [str(network) for network in sources]
    watching = [_service(one, "observe", texts) for one in wanted["services"]]
    known = Spans([*sources, *(network for one in entries if one.until >= today for network in one.networks)])
    locked = [one["name"] for one in wanted["services"]]
    problems = [
        "{0} is let in only until {1} ({2} said so): renew the entry, or take it out".format(one.range, one.until, one.by)
        for one in entries if one.allow and one.until < today]
    strangers = []
    for firewall in firewalls if enforce else ():
        unknown = list(_unknown(firewall, locked, known))
        strangers += unknown
        problems += _sentences(firewall, unknown)
        if _keeps_no_list(firewall, locked) and firewall["item"] not in wanted.get("logs_read", ()):
            problems.append("the firewall of {0} keeps no list of who else connects: read its log, then name it in firewall_lockdown_logs_read".format(
                firewall["item"]))
    return {
        "services": [
            *([_service(one, "enforce", texts) for one in wanted["services"]] if enforce else watching),
            *(_service(one, "open", texts) for one in wanted["opened"]),
        ],
        "watching": watching,
        "products": [_service(one, "enforce" if enforce else "open", texts) for one in wanted["services"]]
        + [_service(one, "open", texts) for one in wanted["opened"]],
        "locks": [one["item"] for one in firewalls if enforce and not set(locked) <= _names(one, "enforce")],
        "problems": problems, "strangers": strangers,
    }


def _names(firewall: dict[str, Any], mode: str) -> set[str]:
    return {one["name"] for one in firewall["services"] if one["mode"] == mode}


def _service(one: dict[str, Any], mode: str, sources: list[str]) -> dict[str, Any]:
    return {"name": one["name"], "ports": one["ports"], "mode": mode, "sources": sources}


def _entry(number: int, one: Any) -> Accepted:
    try:
        if not isinstance(one, dict) or set(one) - {*NEEDED, "allow"} or not all(str(one.get(name) or "").strip() for name in NEEDED):
            raise ValueError("takes {0}, and allow".format(", ".join(NEEDED)))
        return Accepted(one["range"], networks_of(one["range"]), str(one["by"]), day_of(one["until"]), bool(one.get("allow", False)))
    except ValueError as error:
        raise RangesError("accepted strangers, entry {0} ({1}): {2}".format(
            number, shown(one.get("range")) if isinstance(one, dict) else shown(one), error)) from None


def _unknown(firewall: dict[str, Any], locked: list[str], known: Spans) -> Iterator[dict[str, Any]]:
    """Those who were seen while a service observed; what is enforced already has shut them out."""
    watching = _names(firewall, "observe") & set(locked)
    for one in firewall["strangers"]:
        if one["service"] in watching and not known.touches(networks_of(one["address"])[0]):
            yield {"firewall": firewall["item"], **one}


def _keeps_no_list(firewall: dict[str, Any], locked: list[str]) -> bool:
    """firewalld only logs strangers: that none is listed says nothing."""
    return any(one["mode"] == "observe" and one["name"] in locked and one["connections"] == {} for one in firewall["services"])


def _sentences(firewall: dict[str, Any], unknown: list[dict[str, Any]]) -> Iterator[str]:
    if unknown:
        shown_ones = ["{0} ({1} times, last {2})".format(one["address"], one["count"], one["last_seen"] or "unknown") for one in unknown[:SHOWN]]
        yield "{0} saw {1} strangers whom nobody has accepted: {2}{3}".format(
            firewall["item"], len(unknown), ", ".join(shown_ones), " and {0} more".format(len(unknown) - SHOWN) if len(unknown) > SHOWN else "")
    more = firewall["strangers_total"] - len(firewall["strangers"])
    if more > 0 and _names(firewall, "observe"):
        yield "{0} saw {1} strangers more than can be looked through".format(firewall["item"], more)
