# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The data that the collection brings, as a source like others: each range with what is known of it and from where."""

from __future__ import annotations

from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._data.ranges import KNOWN, REFERENCES, SPF_CAPTURE, USES, KnownRange
from ansible_collections.mimecast.connect.plugins.module_utils._ranges.sets import netaddr

GRIDS = {"us": "usb", "usb": "us"}


class Bundled:
    """What is known of one region."""

    def __init__(self, region: str) -> None:
        self.known = {netaddr.IPNetwork(row.cidr): row for row in KNOWN.get(region, ())}
        self.captured = {netaddr.IPNetwork(text) for text in SPF_CAPTURE.get(region, ())}
        self._prefixes = sorted({network.prefixlen for network in self.known}, reverse=True)

    @property
    def networks(self) -> list[netaddr.IPNetwork]:
        """Blocks of the region, then what its SPF record held besides."""
        return [*self.known, *sorted(self.captured - set(self.known))]

    def covering(self, network: netaddr.IPNetwork) -> KnownRange | None:
        """The row of the smallest known range that the whole network lies in."""
        for prefix in self._prefixes:
            if prefix <= network.prefixlen and network.version == 4:
                mask = 0xFFFFFFFF << (32 - prefix) & 0xFFFFFFFF
                row = self.known.get(netaddr.IPNetwork((network.first & mask, prefix), version=4))
                if row:
                    return row
        return None

    def provenance(self, network: netaddr.IPNetwork) -> dict[str, Any]:
        """What a report says of one of the networks."""
        row = self.known.get(network)
        if row is None:
            return {"uses": ["spf"], "references": _references(["spf"]), "still_published": True}
        uses = row.uses.split()
        found = {name: getattr(row, name) for name in ("first_seen", "last_seen", "confidence", "still_published", "note")}
        return {**found, "uses": uses, "references": _references(uses)}


def other_grid(region: str) -> tuple[str, list[netaddr.IPNetwork]]:
    """Code and ranges of the United States' other grid; "" and none for other regions."""
    code = GRIDS.get(region, "")
    return code, Bundled(code).networks if code else []


def _references(uses: list[str]) -> list[str]:
    return list(dict.fromkeys(REFERENCES[name] for use in uses for name in USES[use][1]))
