# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Wishes that are more likely mistakes: each has an override of its own, which names what is meant; there is no master switch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE, FAMILIES, OPEN, Allowlist, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import BITS, Ranges, networks, size, subtract

# A wider range than this is no mail service's: the whole of a region is far smaller (docs/service.md).
WIDEST = {4: 12, 6: 28}
SSH = 22
SHOWN = 5


@dataclass(frozen=True)
class Limits:
    """The options of the guards; the ``allow_`` ones hold names of services, ``wide`` ranges by family."""

    min_addresses: int
    max_removal_percent: int
    min_observe_hours: float
    allow_empty: frozenset[str]
    allow_few: frozenset[str]
    allow_removals: frozenset[str]
    allow_unobserved: frozenset[str]
    wide: dict[int, Ranges]
    management_ports: frozenset[int]  # SSH and what this run came through
    now: int
    booted: int  # strangers before this moment are forgotten


def refusals(desired: list[Service], live: Allowlist, limits: Limits) -> list[str]:
    """A sentence for each guard that refuses, with the option that overrides it."""
    return [
        "Service {0!r}: {1}".format(service.name, text)
        for service in desired for guard in (_few, _wide, _removed, _unobserved, _management)
        for text in guard(service, live.get(service.name), limits)
    ]


def _few(service: Service, _before: Optional[Service], limits: Limits) -> Iterator[str]:
    addresses = size(service.sources4) + size(service.sources6)
    if not addresses:
        if service.name not in limits.allow_empty:
            yield "its list of sources is empty. If that is meant, name the service in allow_empty"
    elif addresses < limits.min_addresses and service.name not in limits.allow_few:
        yield "its sources are {0} addresses, fewer than min_addresses ({1}): is the list whole? If it is, name the service in allow_few".format(
            addresses, limits.min_addresses)


def _wide(service: Service, _before: Optional[Service], limits: Limits) -> Iterator[str]:
    for family in FAMILIES:
        widest = 1 << (BITS[family] - WIDEST[family])
        wide = [one for one in service.sources(family) if size((one,)) > widest and subtract((one,), limits.wide[family])]
        if wide:
            yield "{0} is wider than a /{1}, which no mail service needs. If it is meant, name it in allow_wide".format(
                _some(tuple(wide), family), WIDEST[family])


def _removed(service: Service, before: Optional[Service], limits: Limits) -> Iterator[str]:
    if before is None or service.name in limits.allow_removals:
        return
    for family in FAMILIES:
        gone, had = subtract(before.sources(family), service.sources(family)), size(before.sources(family))
        if size(gone) * 100 > had * limits.max_removal_percent:
            yield ("{0} of its {1} IPv{2} addresses would no longer be allowed, more than max_removal_percent ({3}): {4}. "
                   "If that is meant, name the service in allow_removals").format(
                size(gone), had, family, limits.max_removal_percent, _some(gone, family))


def _unobserved(service: Service, before: Optional[Service], limits: Limits) -> Iterator[str]:
    if service.mode != ENFORCE or service.name in limits.allow_unobserved:
        return
    reason = _not_observed(service, before, limits)
    if reason:
        yield "enforce is refused, {0}. Let it observe first, or name the service in allow_unobserved".format(reason)


def _not_observed(service: Service, before: Optional[Service], limits: Limits) -> str:
    if before is None or before.mode == OPEN:
        return "because nobody has observed yet who else connects"
    unseen = sorted(set(service.ports) - set(before.ports))
    if unseen:
        return "because nobody has observed yet who else connects to port {0}".format(", ".join(map(str, unseen)))
    if before.mode == ENFORCE:
        return ""
    for family in FAMILIES:
        gone = subtract(before.sources(family), service.sources(family))
        if gone:
            return "because connections from {0} were allowed while it observed, so nobody knows whether they come".format(_some(gone, family))
    hours = (limits.now - max(before.since, limits.booted)) / 3600
    if not before.since or hours < limits.min_observe_hours:
        return "because it has observed for {0:.1f} hours, and min_observe_hours is {1:g}".format(hours if before.since else 0, limits.min_observe_hours)
    return ""


def _management(service: Service, _before: Optional[Service], limits: Limits) -> Iterator[str]:
    if service.mode != ENFORCE:
        return
    cut = sorted(limits.management_ports & set(service.ports))
    if cut:
        yield "port {0} is how this machine is managed; enforce is for mail services only, so leave it out".format(", ".join(map(str, cut)))


def _some(ranges: Ranges, family: int) -> str:
    texts = networks(ranges[:SHOWN], family)
    return ", ".join(texts) + (" and {0} more".format(len(ranges) - SHOWN) if len(ranges) > SHOWN else "")
