# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Set arithmetic on networks, by netaddr. Results are minimal and sorted: IPv4 first, no overlaps, no neighbours that one network can say."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

try:
    import netaddr
except ImportError:
    netaddr = None
    HAS_NETADDR = False
else:
    HAS_NETADDR = True

SPLIT_LIMIT = 1_000_000  # networks that a split may come to


def merge(networks: Iterable[netaddr.IPNetwork]) -> list[netaddr.IPNetwork]:
    """Exactly the same addresses in as few networks as possible."""
    found: list[netaddr.IPNetwork] = netaddr.cidr_merge(list(networks))
    return found


def difference(networks: Iterable[netaddr.IPNetwork], others: Iterable[netaddr.IPNetwork]) -> list[netaddr.IPNetwork]:
    """The addresses of the first that are not among the others."""
    spans = Spans(others)
    touched, apart = [], []
    for network in networks:  # IPSet is slow, and mostly little of a long list is concerned
        (touched if spans.touches(network) else apart).append(network)
    return merge([*apart, *(netaddr.IPSet(touched) - netaddr.IPSet(spans.networks)).iter_cidrs()])


def common(networks: Iterable[netaddr.IPNetwork], others: Iterable[netaddr.IPNetwork]) -> list[netaddr.IPNetwork]:
    """The addresses that are in both."""
    spans = Spans(others)
    touched = [network for network in networks if spans.touches(network)]
    return merge((netaddr.IPSet(touched) & netaddr.IPSet(spans.networks)).iter_cidrs())


def split(networks: Iterable[netaddr.IPNetwork], prefix4: int, prefix6: int | None = None) -> list[netaddr.IPNetwork]:
    """The same addresses in networks that are no wider than these prefixes; None leaves IPv6 as it is. ValueError for too many."""
    merged = merge(networks)
    limits = {4: prefix4, 6: prefix6 or 0}
    count = sum(2 ** max(0, limits[network.version] - network.prefixlen) for network in merged)
    if count > SPLIT_LIMIT:
        raise ValueError("that would be {0} networks, and {1} is the limit".format(count, SPLIT_LIMIT))
    return [part for network in merged for part in network.subnet(max(limits[network.version], network.prefixlen))]


class Spans:
    """Where networks lie, for asking of many others whether they touch them."""

    def __init__(self, networks: Iterable[netaddr.IPNetwork]) -> None:
        self.networks = merge(networks)
        self._starts: dict[int, list[int]] = {4: [], 6: []}
        self._ends: dict[int, list[int]] = {4: [], 6: []}
        for network in self.networks:
            self._starts[network.version].append(network.first)
            self._ends[network.version].append(network.last)

    def touches(self, network: netaddr.IPNetwork) -> bool:
        """Whether they have an address in common."""
        position = bisect_right(self._starts[network.version], network.last) - 1
        return position >= 0 and self._ends[network.version][position] >= network.first
